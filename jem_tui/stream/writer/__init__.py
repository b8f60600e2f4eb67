"""The recorder: it keeps the events of a run on disk, and survives a full or missing disk."""
