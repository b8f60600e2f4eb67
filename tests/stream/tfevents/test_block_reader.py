"""The fast reader compared with the slow one: both find and count the same records in any file."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import google_crc32c
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2, summary_pb2

from jem_tui.events.run import StepDone
from jem_tui.stream.tfevents import block_reader, codec
from jem_tui.stream.tfevents.batch_crc import masked_checksums
from jem_tui.stream.tfevents.block_reader import BlockReader, Chunk
from jem_tui.stream.tfevents.records import Damage, frame, masked_checksum
from jem_tui.stream.tfevents.scalar_layout import scalar_layout_of
from tests.examples import examples
from tests.stream.event_file_records import read_records

Row = tuple[int, float, int, tuple[str, ...], bytes]


def scalar(tag: str, step: int, value: float, time: float = 1.5e9) -> bytes:
    summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)])
    return event_pb2.Event(wall_time=time, step=step, summary=summary).SerializeToString()


def ours(step: int, *values: float) -> bytes:
    metrics = {f"JEM/{number}": value for number, value in enumerate(values)}
    return codec.encode(
        StepDone(step=step, images=64 * step, time=step / 3, epoch=step // 7, metrics=metrics)
    ).SerializeToString()


payloads = st.one_of(
    st.builds(scalar, st.sampled_from(["a", "b", "loss", "Δ"]), st.integers(-3, 400), st.floats(width=32)),
    st.builds(ours, st.integers(0, 1200), st.floats(width=32), st.floats(width=32)),
    st.binary(max_size=40),
)
logs = st.lists(payloads, max_size=40)


def meaning(offset: int, payload: bytes) -> Row:
    """Return the numbers of a record that may be in a block, as bytes so that NaN equals NaN."""
    message = event_pb2.Event.FromString(payload)
    values = [value for value in message.summary.value if value.tag != codec.EVENT_TAG]
    numbers = np.array([value.simple_value for value in values], "<f8").tobytes()
    return offset, message.wall_time, message.step, tuple(value.tag for value in values), numbers


def emitted(chunks: Iterator[Chunk]) -> dict[int, Row | bytes]:
    """Return every record by its offset: those of blocks by their numbers, others by their bytes."""
    found: dict[int, Row | bytes] = {}
    for chunk in chunks:
        found |= {record.offset: record.payload for record in chunk.records}
        for block in chunk.blocks:
            layout, rows = block.layout, block.rows
            values = np.stack(layout.values(rows), axis=1) if layout.tags else np.zeros((len(rows), 0))
            for offset, time, step, row in zip(
                block.offsets.tolist(), layout.times(rows), layout.steps(rows), values, strict=True
            ):
                found[offset] = (offset, float(time), int(step), layout.tags, row.astype("<f8").tobytes())
    return found


def agree(content: bytes) -> int:
    """Compare the two readers on a file; how many records the fast one had in blocks."""
    slow, fast = Damage(), Damage()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events"
        path.write_bytes(content)
        expected = {record.offset: record.payload for record in read_records(path, slow)}
        found = emitted(BlockReader().read(path, fast))
    assert found.keys() == expected.keys()
    for offset, content_found in found.items():
        payload = expected[offset]
        assert content_found == (payload if isinstance(content_found, bytes) else meaning(offset, payload))
    assert (fast, fast.records) == (slow, slow.records)
    return sum(not isinstance(each, bytes) for each in found.values())


@settings(deadline=None, max_examples=examples(50))
@given(logs)
def test_undamaged_files(log):
    agree(b"".join(map(frame, log)))


@settings(deadline=None, max_examples=examples(75))
@given(logs, st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4), st.integers(0, 10**6))
def test_flipped_bytes_and_cuts(log, flips, cut):
    content = bytearray(b"".join(map(frame, log)))
    for place, mask in flips:
        if content:
            content[place % len(content)] ^= mask
    agree(bytes(content[: cut % (len(content) + 1)]))


@pytest.mark.parametrize("block", [64, 300, 1 << 22])
def test_long_logs_are_read_in_blocks_across_blocks_and_damages(block, monkeypatch):
    monkeypatch.setattr(block_reader, "BLOCK", block)
    log = [scalar(tag, step, step / 7) for step in range(500) for tag in ("a", "bb", "c")] + [
        ours(n, n, -n) for n in range(500)
    ]
    frames = list(map(frame, log))
    assert agree(b"".join(frames)) > (1900 if block > 300 else 0)
    content = bytearray(b"".join(frames))
    for place in range(997, len(content), 9973):
        content[place] ^= 16
    agree(bytes(content))
    agree(bytes(content[:-7]))


def test_many_lengths_of_steps_and_digits():
    agree(b"".join(frame(scalar("x", step, 1.0)) for step in [0, 1, 127, 128, 2**40, -1] * 5 + list(range(300))))
    agree(b"".join(frame(ours(step, 0.5)) for step in [*range(120), *range(9990, 10020)]))


@given(st.lists(st.binary(min_size=9, max_size=9), min_size=1, max_size=20), st.sets(st.integers(0, 8)))
def test_checksums_of_many_are_those_of_each(rows, varying):
    template = bytes(range(9))
    places = np.array(sorted(varying), dtype=np.intp)
    table = np.tile(np.frombuffer(template, np.uint8), (len(rows), 1))
    for row, content in zip(table, rows, strict=True):
        row[places] = np.frombuffer(content, np.uint8)[places]
    assert masked_checksums(table, template, places).tolist() == [masked_checksum(row.tobytes()) for row in table]
    assert google_crc32c.value(b"123456789") == 0xE3069283


def test_only_scalars_have_a_layout():
    assert scalar_layout_of(scalar("loss", 300, 1.0)).tags == ("loss",)
    assert scalar_layout_of(ours(12, 1.0, 2.0)).tags == ("JEM/0", "JEM/1")
    two = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=1) for tag in "ab"])
    image = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag="i", image=summary_pb2.Summary.Image(height=1))])
    for summary in (two, image, summary_pb2.Summary()):
        assert scalar_layout_of(event_pb2.Event(wall_time=1, step=1, summary=summary).SerializeToString()) is None
    assert (
        scalar_layout_of(b"") is None
        and scalar_layout_of(event_pb2.Event(file_version="brain.Event:2").SerializeToString()) is None
    )
    assert scalar_layout_of(struct.pack("<Bd", 9, 1.0)) is None
