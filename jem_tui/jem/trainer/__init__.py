"""The trainer of a run: building its parts, emitting its events, and applying commands."""
