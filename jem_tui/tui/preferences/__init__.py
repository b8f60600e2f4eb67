"""Preferences: what the program remembers from one start to the next."""
