"""Textual screens: the run, and the dialogs above it."""
