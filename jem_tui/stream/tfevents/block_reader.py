"""A fast reader of event files: it parses records of equal layout as arrays, block by block, and other records one by one.

At the first damaged record of a block, `records.some_records` takes over, so that both readers find and count the same records.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from jem_tui.regular_file import open_regular
from jem_tui.stream.tfevents.batch_crc import masked_checksums
from jem_tui.stream.tfevents.record_offsets import FRAME, HEADER, RecordScanner
from jem_tui.stream.tfevents.records import Damage, Record, masked_checksum, some_records
from jem_tui.stream.tfevents.scalar_layout import WORD, Bytes, ScalarLayout, scalar_layout_of

MIN_BLOCK, BLOCK = 1 << 14, 1 << 22
"""Bytes that are read at once: few after a damaged record, more where the file is undamaged."""
AT_ONCE = 16
"""Records that are read one by one after a damaged record."""
MOST_FILE = 1 << 62
"""A number of bytes that no file reaches."""
LONGEST = 4096
"""Maximum bytes of a record that is compared with layouts."""
FEWEST = 4
"""Minimum number of records of one length for which a layout is built."""
MOST_LAYOUTS, MOST_LAYOUT_BYTES = 256, 1 << 26
"""Layouts of one length, and bytes of the records that all layouts were made from."""

TRIES = 4
"""Layouts that a record is compared with; more comparisons cost more than parsing the record."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ScalarBlock:
    """Records of one layout: offsets of their payloads, ascending, and their bytes, shape (n, length and padding)."""

    layout: ScalarLayout
    offsets: Ints
    rows: Bytes


@dataclass(slots=True)
class Chunk:
    """The content of a part of a file."""

    records: list[Record] = field(default_factory=list)
    """Records outside the blocks, in the order of the file."""
    blocks: list[ScalarBlock] = field(default_factory=list)
    end: int = 0
    """Offset at which the next part begins."""


class BlockReader:
    """A reader that keeps the layouts of records from file to file."""

    def __init__(self) -> None:
        self._layouts: dict[int, list[ScalarLayout]] = defaultdict(list)
        self._layout_bytes = 0
        self._scanner = RecordScanner()

    def read(self, path: Path, damage: Damage, start: int = 0, stop: int = MOST_FILE) -> Iterator[Chunk]:
        """Yield the undamaged records from byte `start` up to byte `stop`, and count damaged records in `damage`. Raises OSError."""
        with open_regular(path) as file:
            size = min(stop, os.fstat(file.fileno()).st_size)
            block, ended = BLOCK, False
            while not ended and start < size:
                chunk = self.split(os.pread(file.fileno(), max(0, min(block, size - start)), start), damage, start)
                if chunk.end > start:
                    yield chunk
                    start, block = chunk.end, min(BLOCK, 2 * block)
                    continue
                file.seek(start)
                records, ended = some_records(file, size, damage, AT_ONCE)
                start, block = file.tell(), MIN_BLOCK
                yield Chunk(records, end=start)

    def split(self, data: bytes, damage: Damage, start: int = 0) -> Chunk:
        """Return the records of a block, which begins at byte `start` of a file, up to the first damaged or incomplete record."""
        places = self._scanner.places(data)
        if not len(places):
            return Chunk(end=start)
        offsets, lengths = places[:-1], np.diff(places) - FRAME
        padded = np.frombuffer(data + bytes(LONGEST + WORD + 4), np.uint8)
        chunk, good = self._sort_records(data, padded, offsets, lengths)
        if good < len(offsets):
            chunk = _before(chunk, int(offsets[good]))
        damage.records += good
        chunk.records = [Record(start + record.offset, record.payload) for record in chunk.records]
        chunk.blocks = [ScalarBlock(block.layout, block.offsets + start, block.rows) for block in chunk.blocks]
        chunk.end = start + int(places[good]) - HEADER.size
        return chunk

    def _sort_records(self, data: bytes, padded: Bytes, offsets: Ints, lengths: Ints) -> tuple[Chunk, int]:
        """Group records by layout, and return the number of records before the first damaged one."""
        chunk, good = Chunk(), len(offsets)
        for length in sorted(set(lengths.tolist())):
            here = np.flatnonzero(lengths == length)
            left = here
            if len(here) >= FEWEST and 0 < length <= LONGEST:
                left, damaged = self._by_layout(chunk, padded, offsets, here, length)
                good = min([good, *damaged])
            for number in left.tolist():
                offset = int(offsets[number])
                payload = data[offset : offset + length]
                if data[offset + length : offset + length + 4] == masked_checksum(payload).to_bytes(4, "little"):
                    chunk.records.append(Record(offset, payload))
                else:
                    good = min(good, number)
        chunk.records.sort(key=lambda record: record.offset)
        return chunk, good

    def _by_layout(
        self, chunk: Chunk, padded: Bytes, offsets: Ints, here: NDArray[np.intp], length: int
    ) -> tuple[NDArray[np.intp], list[int]]:
        """Move records of one length into blocks of `chunk`; return the records without a layout and the first damaged records."""
        width = -(-length // WORD) * WORD
        rows = sliding_window_view(padded, width)[offsets[here]]
        footers = sliding_window_view(padded, 4)[offsets[here] + length].view("<u4")[:, 0]
        known, tried, none, damaged = self._layouts[length], 0, [], []
        most = TRIES * len(here)
        while len(here) and tried < most:
            if tried == len(known):
                room = len(known) < MOST_LAYOUTS and self._layout_bytes < MOST_LAYOUT_BYTES
                layout = scalar_layout_of(rows[0, :length].tobytes()) if room else None
                if layout is None or not layout.fits(rows[:1])[0]:
                    none.append(here[:1])
                    here, rows, footers = here[1:], rows[1:], footers[1:]
                    continue
                known.append(layout)
                self._layout_bytes += length
            fit, layout = known[tried].fits(rows), known[tried]
            tried += 1
            if not fit.any():
                continue
            mine = rows if fit.all() else rows[fit]
            wrong = footers[fit] != masked_checksums(mine, layout.payload, layout.varying)
            damaged += here[fit][wrong][:1].tolist()
            chunk.blocks.append(ScalarBlock(layout, offsets[here[fit]], mine))
            here, rows, footers = here[~fit], rows[~fit], footers[~fit]
        return np.concatenate([*none, here]), damaged


def _before(chunk: Chunk, offset: int) -> Chunk:
    """Return the part of a chunk before the payload at `offset`."""
    blocks = [
        ScalarBlock(block.layout, block.offsets[:count], block.rows[:count])
        for block in chunk.blocks
        if (count := int(np.searchsorted(block.offsets, offset)))
    ]
    return Chunk([record for record in chunk.records if record.offset < offset], blocks)
