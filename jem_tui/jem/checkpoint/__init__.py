"""Checkpoints: files with the complete state of a run, and the disk space reserved for the next one."""
