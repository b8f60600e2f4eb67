"""Textual screens: the run screen with its panes, the loading screen, and the dialogs.

A new pane is created and scheduled in `pane_registry`; a new key is handled in `run_screen` or by the widget itself.
"""
