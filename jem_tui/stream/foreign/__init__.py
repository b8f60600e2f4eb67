"""Logs of other programs: their scalars, images, histograms and texts, arranged as a run."""
