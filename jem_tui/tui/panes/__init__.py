"""The frame of the screen and its small panes: header, footer, key panel, status line, notes, tabs, distributions.

A pane draws the state of a run by `stamp` and `draw`; none sends commands to the source.
"""
