"""The contents of a log in memory: entries, points, columns of steps, and the limits on all of them.

Reads no event file. Structures that the reader fills and the replayer, the console and the export use belong here.
"""
