"""Supervision: failures of the screen are contained, reported and recovered from, and never stop the run."""
