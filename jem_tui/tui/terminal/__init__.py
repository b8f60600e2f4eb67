"""The terminal and the process: drivers that survive the loss of a terminal, graphics protocols, use of resources.

No module here knows a run, a pane or a key.
"""
