"""The samples pane: chains as tiles, their order, and the selected chain."""
