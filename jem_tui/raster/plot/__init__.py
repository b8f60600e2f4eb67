"""Charts as terminal cells: axes, curves, event marks, ticks and the cursor."""
