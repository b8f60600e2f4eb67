"""The vocabulary of a run: the events that a source emits and the commands that it accepts.

All are frozen dataclasses. `run` has the events, `commands` the commands, `recording` what only recorded runs emit; the other
modules describe, validate, sanitize and serialize events. No module here imports torch or Textual.
"""
