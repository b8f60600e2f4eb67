"""The state of a run, reduced from events alone; the worker that drives the source; the session between both and the keys.

No module here imports Textual: widgets read this state, and nothing here knows them.
"""
