"""Trained models: a recorded run or a published model opened for evaluation and sampling."""
