"""The help: a panel next to the run, with keys, explanations of the display, JEM in one page, and symbols.

A page is a list of entries, which `help_pages` collects; all pages are searched at once.
"""
