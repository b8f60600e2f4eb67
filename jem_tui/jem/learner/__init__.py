"""One optimizer step: the objective, the optimizer, overrides of its settings, and the metrics of the step."""
