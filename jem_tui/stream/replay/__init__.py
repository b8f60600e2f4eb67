"""The replayer: a recording as a source of events that can be paused, stepped and searched."""
