"""The terminal application. Only this package imports Textual.

Widgets read the state that `state` reduces from events; they never touch a source.
"""
