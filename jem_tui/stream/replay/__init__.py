"""The replayer: a recorded log as a source of events that can be paused, stepped and searched."""
