"""Processes that this program starts, scripts of the user and the ranks of a run, with their output and their run as events for the screen.

The script writes its output to a file and not to a pipe, so that neither a slow nor a killed launcher can disturb it.
"""
