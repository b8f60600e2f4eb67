"""Frames of the protocol between a run and its viewers: a length, one byte for the kind, and a payload."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from jem_tui.errors import InputError

PROTOCOL = (1, 2)
"""Major and minor version. Both sides must have the same major version; a minor version only adds optional parts.

Since 1.1, a run answers questions about chains and drawings; since 1.2, also those about a chain without facts.
"""
JSON = b"J"
"""Kind of a frame with one message of `messages`."""
RECORDS = b"R"
"""Kind of a frame with records of recorded events, byte for byte as in the event file."""
UNRECORDED = b"E"
"""Kind of a frame with records of events that are displayed, but not recorded."""
HISTORY = b"H"
"""Kind of a frame with the past of a run, from a bridge to a remote viewer."""
MOST_BYTES = 64 << 20
"""Maximum bytes of a frame after its length."""

_LENGTH = struct.Struct(">I")


class ProtocolError(InputError):
    """Bytes that violate the protocol, or the request of another version."""


class Frame(NamedTuple):
    """A kind of one byte and a payload. A receiver skips kinds that it does not know."""

    kind: bytes
    payload: bytes


def pack(kind: bytes, payload: bytes) -> bytes:
    """Return the bytes of a frame. Raises ProtocolError for a payload that is too large."""
    return head(kind, len(payload)) + payload


def head(kind: bytes, size: int) -> bytes:
    """Return the bytes of a frame before its payload of `size` bytes. Raises ProtocolError for a payload that is too large."""
    if size >= MOST_BYTES:
        raise ProtocolError(f"A frame of {size:,} bytes is too large to be sent.")
    return _LENGTH.pack(size + 1) + kind


class FrameParser:
    """A parser of frames that arrive in pieces of any size."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Refuse frames of more than `most_bytes` after their length, before their payload is kept."""
        self._most_bytes = most_bytes
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Add received bytes, and yield the frames that are complete. Iterating raises ProtocolError for an impossible length."""
        self._buffer += data
        return self._frames()

    @property
    def is_between_frames(self) -> bool:
        """True unless a part of a frame has been received, as at the orderly end of a connection."""
        return not self._buffer

    def _frames(self) -> Iterator[Frame]:
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if not 1 <= length <= self._most_bytes:
                raise ProtocolError(
                    f"The other side does not speak the protocol of jem-tui: a frame of {length:,} bytes."
                )
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            content = bytes(memoryview(self._buffer)[_LENGTH.size : end])
            del self._buffer[:end]
            yield Frame(content[:1], content[1:])
