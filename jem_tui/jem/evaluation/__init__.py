"""What the paper promises, measured on a trained network: classification, calibration, OOD detection, robustness, samples.

Every part is a function of a network and images, so that it can be asked of a network that is still being trained;
`evaluation.evaluate_run` asks all of them of a recorded run.
"""
