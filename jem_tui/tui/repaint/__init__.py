"""Repainting: when a pane is drawn, at what cost, and what it shows when it fails or has nothing to draw."""
