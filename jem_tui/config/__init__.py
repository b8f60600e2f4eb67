"""Settings of a run: their schema, presets, and loading from files and `section.key=value` words."""
