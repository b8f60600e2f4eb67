"""The charts pane: panels, their charts, zoom and cursor."""
