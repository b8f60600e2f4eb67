"""Image tiles as terminal cells, or as pixels of a terminal's graphics protocol."""
