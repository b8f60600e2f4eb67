"""The tour of the screen: five steps, each about one pane, with something to do.

A step is a row of `tour_steps`; the panel that displays it is below the panes and never covers them.
"""
