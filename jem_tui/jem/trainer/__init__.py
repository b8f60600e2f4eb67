"""The trainer: builds all parts of a run, emits its events and applies commands."""
