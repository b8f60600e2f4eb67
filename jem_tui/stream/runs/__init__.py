"""Run folders: their names, `run.json`, locks, and which folders below a folder are runs."""
