"""The state of a run as the screen knows it, reduced from events alone, and the worker that owns the source.

No widget is imported here.
"""
