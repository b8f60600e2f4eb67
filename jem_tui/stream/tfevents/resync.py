"""Search for the next record of a damaged TFRecord file: a place where eight bytes are followed by their checksum."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

FIRST_BLOCK, BLOCK = 1 << 12, 1 << 20
"""Bytes that are searched at once: few at first, because after most damages the next record is near."""
MOST_BYTES = 1 << 28
"""Bytes of the longest plausible record. A longer length is taken for damaged, and such a record is never held in memory."""
HEADER = 12
"""Bytes of a record's length and its checksum."""
FOOTER = 4
_MASK_DELTA = 0xA282EAD8
_POLYNOMIAL = 0x82F63B78
_LENGTH = struct.Struct("<Q")


def find_record(file: BinaryIO, start: int, size: int) -> int | None:
    """Return the offset, at `start` or later, of the next record that ends within `size` bytes; None if there is none.

    One random record of four billion bytes has a matching header; its payload then fails its own checksum.
    """
    searched = FIRST_BLOCK
    while start + HEADER + FOOTER <= size:
        block = os.pread(file.fileno(), searched + HEADER - 1, start)
        for place in _candidates(np.frombuffer(block, np.uint8)).tolist():
            (length,) = _LENGTH.unpack_from(block, place)
            if length <= MOST_BYTES and start + place + HEADER + length + FOOTER <= size:
                return int(start + place)
        start += searched
        searched = min(BLOCK, 2 * searched)
    return None


def _candidates(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the offsets at which eight bytes are followed by their masked CRC-32C, computed for all offsets at once."""
    count = len(data) - HEADER + 1
    if count <= 0:
        return np.empty(0, np.int64)
    checksum = np.full(count, 0xFFFFFFFF, np.uint32)
    for i in range(8):
        checksum = TABLE[(checksum ^ data[i : i + count]) & 0xFF] ^ (checksum >> np.uint32(8))
    checksum = ~checksum
    masked = ((checksum >> np.uint32(15)) | (checksum << np.uint32(17))) + np.uint32(_MASK_DELTA)
    stored = np.zeros(count, np.uint32)
    for i in range(4):
        stored |= data[8 + i : 8 + i + count].astype(np.uint32) << np.uint32(8 * i)
    return np.flatnonzero(masked == stored)


def _table() -> NDArray[np.uint32]:
    """Compute the CRC-32C of every single byte (the reflected Castagnoli polynomial)."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> np.uint32(1)) ^ np.uint32(_POLYNOMIAL), table >> np.uint32(1))
    return table


TABLE = _table()
