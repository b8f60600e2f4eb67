"""Comparison of recorded runs: the settings that differ, and the final value of every curve, from the logs."""
