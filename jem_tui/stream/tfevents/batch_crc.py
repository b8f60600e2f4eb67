"""CRC-32C of many byte strings that differ in few places.

A CRC is affine over GF(2): the CRC of a string is the CRC of the string with zeros in some places, XORed with the effect of the
byte in each place. The effect depends on the byte and on the number of bytes that follow.
"""

from __future__ import annotations

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from jem_tui.stream.tfevents.resync import TABLE

Bytes = NDArray[np.uint8]
MASK_DELTA = 0xA282EAD8

_added: list[NDArray[np.uint32]] = [TABLE]
"""Effects of the 256 bytes, by the number of bytes that follow."""


def masked_checksums(rows: Bytes, template: bytes, varying: NDArray[np.intp]) -> NDArray[np.uint32]:
    """Return the masked CRC-32C of each row (n, length); rows equal `template` except in the places `varying`."""
    blank = bytearray(template)
    for place in varying.tolist():
        blank[place] = 0
    checksums = np.full(len(rows), google_crc32c.value(bytes(blank)), np.uint32)
    for place in varying.tolist():
        checksums ^= _effect(len(template) - 1 - place)[rows[:, place]]
    return ((checksums >> np.uint32(15)) | (checksums << np.uint32(17))) + np.uint32(MASK_DELTA)


def _effect(following: int) -> NDArray[np.uint32]:
    """Return the effect of a byte that `following` bytes follow."""
    while len(_added) <= following:
        last = _added[-1]
        _added.append(TABLE[last & np.uint32(0xFF)] ^ (last >> np.uint32(8)))
    return _added[following]
