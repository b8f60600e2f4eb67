"""Supervision: failures of the screen are contained, reported and recovered from.

Nothing here may stop the run: only the user, a signal or the source itself ends it.
"""
