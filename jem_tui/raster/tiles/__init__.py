"""Image tiles as cells or as pixels of a terminal's graphics protocol."""
