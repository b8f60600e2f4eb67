"""Tables of an evaluation: one module for each part, and what they share in `layout`. A table is at most 80 columns wide."""
