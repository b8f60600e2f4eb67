"""The comparison of runs on the screen: logs read on a thread, tables, and plots."""
