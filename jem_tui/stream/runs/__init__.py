"""Run folders: their names, `run.json`, locks, and the search for runs below a folder."""
