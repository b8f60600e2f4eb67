"""Generated pages of the documentation: one module for each page, each with a function that returns its Markdown."""
