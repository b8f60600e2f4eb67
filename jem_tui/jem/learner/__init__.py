"""One optimizer step: its batch, the objective, the optimizer, overrides of settings, and the metrics of the step."""
