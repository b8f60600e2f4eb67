"""From record to record of an event file, by the lengths in their headers: where payloads begin."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from jem_tui.stream.tfevents.records import masked_checksum

Ints = NDArray[np.int64]

HEADER = struct.Struct("<QI")
"""The length of the payload, and its masked checksum."""
FRAME = HEADER.size + 4
"""Bytes of a record beside its payload."""
WALK = 64
"""Records that are looked at one by one before those to come are guessed from them."""
_LONGEST_PERIOD = 16
_FIRST_GUESS = 256
"""Periods that are compared at once, and twice as many after each guess that holds."""


class RecordScanner:
    """Finds records whose headers are right; it remembers the checksums of lengths."""

    def __init__(self) -> None:
        self._checksums: dict[int, int] = {}

    def places(self, data: bytes) -> Ints:
        """Where the payloads of whole records begin, and where one more would; empty if there is none.

        Logs repeat: the same tags step by step, or one tag all along. So after some records the next ones are guessed from their
        lengths, and all of them are compared with the file at once.
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
        """Up to `WALK` payloads from the header at byte `at` on, and where one more would begin."""
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
    """The payloads after those that were `walked` through, as long as lengths repeat; at the end where one more would begin."""
    strides = np.diff(walked)
    at = int(walked[-1])
    period = next((each for each in range(1, _LONGEST_PERIOD + 1) if (strides[each:] == strides[:-each]).all()), 0)
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


def _holding(data: bytes, at: int, width: int, count: int, starts: Ints, headers: list[tuple[int, int]]) -> int:
    """How many of `count` periods of `width` bytes from byte `at` on have these headers at these places."""
    right = np.ones(count, dtype=np.bool_)
    for start, (length, checksum) in zip(starts.tolist(), headers, strict=True):
        right &= np.ndarray((count,), "<u8", data, at + start, (width,)) == length
        right &= np.ndarray((count,), "<u4", data, at + start + 8, (width,)) == checksum
    return count if right.all() else int(right.argmin())
