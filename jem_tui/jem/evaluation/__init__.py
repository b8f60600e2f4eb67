"""Measurements of a trained network: classification, calibration, out-of-distribution detection, robustness, sample quality.

Each is a function of a network and images, so that it also applies to a network in training; `evaluate_run` applies all to a recorded run.
"""
