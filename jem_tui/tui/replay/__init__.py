"""Widgets that only a replay has: the timeline bar, the list of runs, and their comparison."""
