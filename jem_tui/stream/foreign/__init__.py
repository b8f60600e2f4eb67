"""Logs of other programs: their scalars, images, histograms and texts, read and arranged as a run."""
