"""Event streams: `drive` between a source and its sinks, and everything that writes, reads, replays, prints or exports a log.

Imports neither torch nor Textual. The rooms import each other only in the order that pyproject.toml lists.
"""
