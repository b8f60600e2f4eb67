"""The contents of a log in memory: entries, points, step tables, and their limits.

Reads no event file. Structures that the reader fills and that the replayer, the console and the export use belong here.
"""
