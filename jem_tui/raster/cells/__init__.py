"""Arrays of terminal cells, and their encodings as escape sequences, Rich segments or ASCII."""
