"""Plain output: lines, a progress bar, summaries, and plots as text.

Writes to stdout and stderr without Textual.
"""
