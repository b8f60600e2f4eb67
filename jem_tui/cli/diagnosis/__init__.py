"""Checks of `jem-tui doctor`: the terminal, torch and the machine, folders, and the surroundings of the process."""
