"""Repainting: the schedule and the cost of drawing, and the display of panes that fail or have no data."""
