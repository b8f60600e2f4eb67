"""The command `serve`: the commands that a browser can display, and their words, which are checked once for all tabs."""
