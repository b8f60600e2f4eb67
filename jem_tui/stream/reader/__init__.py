"""Readers of whole logs: event files in order, collected into entries, and the log cache that makes the next opening fast."""
