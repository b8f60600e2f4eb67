"""Watching and steering a run from another process: the door of the run, its protocol, and the viewers' side.

What another process sends is bounded and checked. No failure of a viewer or of the door may end or delay the run.
"""
