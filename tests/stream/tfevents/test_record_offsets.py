"""Offsets of records: the scanner finds what a record-by-record walk finds."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from jem_tui.stream.tfevents.record_offsets import FRAME, HEADER, WALK, RecordScanner
from jem_tui.stream.tfevents.records import frame, masked_checksum

CYCLES = st.lists(st.integers(0, 40), min_size=1, max_size=20)


def slowly(data: bytes) -> list[int]:
    places, at = [HEADER.size], 0
    while at + HEADER.size <= len(data):
        length, checksum = struct.unpack_from("<QI", data, at)
        at += length + FRAME
        if checksum != masked_checksum(struct.pack("<Q", length)) or at > len(data):
            break
        places.append(at + HEADER.size)
    return places if len(places) > 1 else []


def log(lengths: list[int]) -> bytes:
    return b"".join(frame(bytes(length)) for length in lengths)


@given(st.lists(st.tuples(CYCLES, st.integers(1, 90)), max_size=4), st.data())
def test_the_scanner_finds_all_whole_records_up_to_the_first_bad_header(parts, data):
    content = bytearray(log([length for cycle, times in parts for length in cycle * times]))
    content = content[: data.draw(st.integers(0, len(content)))]
    for place in data.draw(st.lists(st.integers(0, max(0, len(content) - 1)), max_size=2)):
        if content:
            content[place] ^= 0x10
    assert RecordScanner().places(bytes(content)).tolist() == slowly(bytes(content))


def test_a_log_that_repeats_is_walked_only_at_its_beginning(monkeypatch):
    walks = []
    walk = RecordScanner._walk
    monkeypatch.setattr(RecordScanner, "_walk", lambda self, data, at: walks.append(at) or walk(self, data, at))
    content = log([7, 30, 8] * 10_000 + [9])
    places = RecordScanner().places(content)
    assert len(places) == 30_002 and places.tolist() == slowly(content)
    assert len(walks) == 2 and walks[1] > len(content) - WALK * 60
