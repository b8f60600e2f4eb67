"""The version of the package, which recorded runs and log caches state.

The module stands apart from the package itself, whose public names lead to every room.
"""

__version__ = "0.1.0"
