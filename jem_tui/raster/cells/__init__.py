"""Arrays of terminal cells, and their encodings as escape sequences, Textual strips or ASCII."""
