"""Offsets of the records of an event file, found through the lengths in their headers."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from jem_tui.stream.tfevents.records import masked_checksum

Ints = NDArray[np.int64]

HEADER = struct.Struct("<QI")
"""The length of the payload and its masked checksum."""
FRAME = HEADER.size + 4
"""Bytes of a record without its payload."""
WALK = 64
"""Records whose headers are read one by one before the following headers are predicted."""
_LONGEST_PERIOD = 16
_FIRST_GUESS = 256
"""Periods of the first prediction; each correct prediction doubles the number."""


class RecordScanner:
    """A scanner of record headers that keeps the checksums of lengths."""

    def __init__(self) -> None:
        self._checksums: dict[int, int] = {}

    def places(self, data: bytes) -> Ints:
        """Return the offsets of the payloads of whole records and of the one that would follow; empty without records.

        Logs repeat: the same tags step by step, or one tag throughout. After some records the lengths of the next ones are
        therefore predicted, and all predicted headers are compared with the file at once.
        """
        parts: list[Ints] = []
        at = 0
        while True:
            walked = self._walk(data, at)
            parts.append(walked[:-1])
            if len(walked) <= WALK:
                break
            guessed = _repeated(data, walked)
            parts.append(guessed[:-1])
            at = int(guessed[-1]) - HEADER.size
        found = np.concatenate(parts)
        return np.append(found, walked[-1]) if len(found) else found

    def _walk(self, data: bytes, at: int) -> Ints:
        """Return the offsets of up to `WALK` payloads after the header at byte `at`, and the offset of the one that would follow."""
        places = [at + HEADER.size]
        checksums, unpack, end = self._checksums, HEADER.unpack_from, len(data) - HEADER.size
        while at <= end and len(places) <= WALK:
            length, checksum = unpack(data, at)
            if checksums.get(length) != checksum:
                if checksum != masked_checksum(data[at : at + 8]):
                    break
                checksums[length] = checksum
            at += length + FRAME
            if at > len(data):
                break
            places.append(at + HEADER.size)
        return np.array(places, dtype=np.int64)


def _repeated(data: bytes, walked: Ints) -> Ints:
    """Return the offsets of the payloads after `walked` while their lengths repeat, and the offset of the one that would follow."""
    strides = np.diff(walked)
    at = int(walked[-1])
    period = _period(strides)
    if not period:
        return walked[-1:]
    strides = strides[-period:]
    starts = np.cumsum(strides) - strides
    width = int(strides.sum())
    headers = [HEADER.unpack_from(data, int(place) - HEADER.size) for place in walked[-period - 1 : -1]]
    count, guess = 0, _FIRST_GUESS
    most = (len(data) - at + HEADER.size) // width
    while count < most:
        guess = min(guess, most - count)
        held = _holding(data, at - HEADER.size + count * width, width, guess, starts, headers)
        count += held
        if held < guess:
            break
        guess *= 2
    places = at + width * np.arange(count)[:, None] + starts
    return np.append(places.ravel(), at + width * count)


def _period(strides: Ints) -> int:
    """Return the smallest number of strides after which all of them repeat; 0 if they do not."""
    # Slices of bytes compare faster than short arrays
    held, size = strides.tobytes(), strides.itemsize
    periods = range(1, _LONGEST_PERIOD + 1)
    return next((each for each in periods if held[each * size :] == held[: -each * size]), 0)


def _holding(data: bytes, at: int, width: int, count: int, starts: Ints, headers: list[tuple[int, int]]) -> int:
    """Count the periods of `width` bytes from byte `at` on that have the given headers."""
    right = np.ones(count, dtype=np.bool_)
    for start, (length, checksum) in zip(starts.tolist(), headers, strict=True):
        right &= np.ndarray((count,), "<u8", data, at + start, (width,)) == length
        right &= np.ndarray((count,), "<u4", data, at + start + 8, (width,)) == checksum
    return count if right.all() else int(right.argmin())
