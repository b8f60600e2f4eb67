"""Widgets of a replay: the timeline bar, the list of runs, and the comparison of runs."""
