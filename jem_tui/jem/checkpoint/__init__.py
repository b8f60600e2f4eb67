"""Checkpoints: one file that holds everything a run needs to continue, and the disk space kept for it."""
