"""Trained models: a run or a model file opened for evaluation and sampling."""
