"""The charts pane: panels and their charts, zoom, cursor and status line."""
