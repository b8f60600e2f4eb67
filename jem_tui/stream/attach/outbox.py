"""Bytes that wait to be sent to one viewer, within a limit."""

from __future__ import annotations

MOST_BYTES = 8 << 20
"""Maximum bytes that wait for a viewer; one chunk alone may be larger."""


class Outbox:
    """Chunks in the order of sending. A chunk with a name replaces the waiting chunk of that name."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._chunks: dict[int | str, bytes] = {}
        self._bytes = 0
        self._number = 0

    def __bool__(self) -> bool:
        """Return whether anything waits."""
        return bool(self._chunks)

    def put(self, chunk: bytes, name: str = "") -> bool:
        """Add a chunk, and return whether there was room for it; without room, everything that waits is dropped."""
        if name:
            self._bytes -= len(self._chunks.pop(name, b""))
        if self._chunks and self._bytes + len(chunk) > self._most_bytes:
            self.clear()
            return False
        self._number += 1
        self._chunks[name or self._number] = chunk
        self._bytes += len(chunk)
        return True

    def take(self) -> bytes:
        """Remove and return the first chunk. Raises KeyError if nothing waits."""
        key = next(iter(self._chunks), 0)
        chunk = self._chunks.pop(key)
        self._bytes -= len(chunk)
        return chunk

    def clear(self) -> None:
        """Drop everything that waits."""
        self._chunks.clear()
        self._bytes = 0
