"""The frame of the screen and its small panes: header, status line, notes, tabs, distributions."""
