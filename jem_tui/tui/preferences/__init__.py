"""Preferences of the user, saved from one start to the next: layout, theme, keys, charts.

Sections and keys of the file `screen.toml` are a contract; unknown or invalid values fall back to defaults, and the screen reports them.
"""
