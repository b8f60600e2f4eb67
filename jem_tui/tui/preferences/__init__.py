"""Preferences of the user, saved from one start to the next: layout, theme, keys, charts."""
