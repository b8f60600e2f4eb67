"""The number of connections that a door accepts: a run must be able to open its own files, whoever connects."""

from __future__ import annotations

from contextlib import suppress

MOST_CONNECTIONS = 128
"""Maximum connections at a time, joined or not."""
SHARE = 4
"""The connections take at most the fraction 1 / `SHARE` of the files that the process may open."""


def most_connections() -> int:
    """Return the maximum number of connections, fewer where the process may open few files."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if limit != resource.RLIM_INFINITY:
            return max(1, min(MOST_CONNECTIONS, limit // SHARE))
    return MOST_CONNECTIONS
