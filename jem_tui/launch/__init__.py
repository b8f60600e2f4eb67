"""Scripts of the user: their process, their output, and their run as a source of events for the screen.

The script writes its output to a file and not to a pipe, so that neither a slow nor a killed launcher can disturb it.
"""
