"""CRC-32C of many byte strings at once that differ in few places.

A CRC is affine over GF(2): that of a string is that of the string with zeros in some places, changed by what each byte in those places adds,
which depends on the byte and on how many bytes follow it.
"""

from __future__ import annotations

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from jem_tui.stream.tfevents.resync import TABLE

Bytes = NDArray[np.uint8]
MASK_DELTA = 0xA282EAD8

_added: list[NDArray[np.uint32]] = [TABLE]
"""By the number of bytes that follow: what each of the 256 bytes adds."""


def masked_checksums(rows: Bytes, template: bytes, varying: NDArray[np.intp]) -> NDArray[np.uint32]:
    """The masked CRC-32C of each row (n, length); all are as `template`, but for the places in `varying`."""
    blank = bytearray(template)
    for place in varying.tolist():
        blank[place] = 0
    checksums = np.full(len(rows), google_crc32c.value(bytes(blank)), np.uint32)
    for place in varying.tolist():
        checksums ^= _effect(len(template) - 1 - place)[rows[:, place]]
    return ((checksums >> np.uint32(15)) | (checksums << np.uint32(17))) + np.uint32(MASK_DELTA)


def _effect(following: int) -> NDArray[np.uint32]:
    """What a byte adds that so many others follow."""
    while len(_added) <= following:
        last = _added[-1]
        _added.append(TABLE[last & np.uint32(0xFF)] ^ (last >> np.uint32(8)))
    return _added[following]
