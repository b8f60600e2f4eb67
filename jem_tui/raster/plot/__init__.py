"""Charts as cells: axes, curves, marks, ticks and the cursor."""
