"""The recorder: it keeps the events of a run on disk, whatever happens to the disk."""
