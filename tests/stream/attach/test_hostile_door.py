"""A door that sends anything: the viewer refuses it in a sentence, and the screen never fails on what is emitted."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jem_tui.events.run import Event, Sampling
from jem_tui.stream.attach.door_reader import DoorReader
from jem_tui.stream.attach.frames import HISTORY, JSON, RECORDS, UNRECORDED, ProtocolError, pack
from jem_tui.stream.attach.history import read_history
from jem_tui.stream.attach.messages import Pong, Progress, Refused, pack_message
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.log_data.array_file import pack_arrays
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import frame
from jem_tui.tui.state.run_state import RunState
from tests.examples import examples
from tests.stream.attach.scripted_door import as_record, hello
from tests.stream.random_events import RECORDED, run_starts
from tests.stream.stream_events import started, step_done

Change = tuple[int, int, bytes]
"""A place, which counts from the start and wraps, the number of bytes that are replaced there, and the new ones."""
_changes = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 6), st.binary(max_size=6)), max_size=4)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_steps = st.integers(2, 40).map(lambda count: b"".join(as_record(step_done(step)) for step in range(1, count)))
_kinds = st.sampled_from([JSON, RECORDS, UNRECORDED, HISTORY, b"Z"])


def changed(data: bytes, changes: list[Change]) -> bytes:
    """Return bytes with some places replaced."""
    found = bytearray(data)
    for place, count, new in changes:
        at = place % (len(found) + 1)
        found[at : at + count] = new
    return bytes(found)


@st.composite
def _records(draw: st.DrawFn) -> bytes:
    """Draw records with correct checksums, whose payloads may be changed."""
    payload = codec.encode(draw(RECORDED | run_starts(st.integers(0, 100)))).SerializeToString()
    return frame(changed(payload, draw(st.just([]) | _changes)))


@st.composite
def _messages(draw: st.DrawFn) -> bytes:
    """Draw a message, in which a field may have another value."""
    content = draw(
        st.sampled_from(
            [
                hello(started(), (("events.out.tfevents.1.host", 100), ("gone", 5)), paused=True),
                hello(started(5), again=True),
                Progress(sampling=Sampling(step=1, images=64, time=1.0, k=1, of=2)),
                Refused(text="No.\x1b[2J"),
                Pong(),
            ]
        )
    )
    fields = json.loads(pack_message(content)[5:])
    fields |= draw(st.just({}) | st.dictionaries(st.sampled_from(sorted(fields)), _json, max_size=2))
    return pack(JSON, json.dumps(fields).encode())


_frames = st.one_of(
    st.builds(pack, st.sampled_from([RECORDS, UNRECORDED]), st.lists(_records() | _steps, max_size=6).map(b"".join)),
    _messages(),
    st.builds(pack, _kinds, st.binary(max_size=60)),
)


def received(data: bytes, piece: int, run_dir: Path) -> Iterator[Event]:
    """Yield the events of bytes that arrive in pieces, up to the first that no door sends."""
    reader = DoorReader(RunLog(run_dir))
    try:
        for start in range(0, len(data), piece):
            yield from reader.events(data[start : start + piece])
    except ProtocolError as error:
        assert str(error)


@settings(max_examples=examples(80))
@given(st.lists(_frames, max_size=8), _changes, st.integers(1, 4000))
def test_no_bytes_of_a_door_reach_the_screen_as_an_exception(frames: list[bytes], changes: list[Change], piece: int):
    greeting = pack_message(hello(started(3)))
    for data in (greeting + b"".join(frames), changed(greeting + b"".join(frames), changes)):
        state = RunState()
        for event in received(data, piece, Path("/nonexistent/run")):
            state.apply(event)
        assert state.status


@pytest.mark.parametrize("count", [1, 3, 10, 2000])
@pytest.mark.parametrize("from_history", [False, True])
def test_no_tag_of_a_step_can_control_the_terminal(count: int, from_history: bool):
    steps = [replace(step_done(step), metrics={"\x1b[2J": 1.0, "loss\x9b": 2.0}) for step in range(1, count + 1)]
    records = b"".join(map(as_record, steps))
    if from_history:
        arrays = {"steps": np.arange(count), "times": np.zeros(count), "record": np.frombuffer(records, np.uint8)}
        points = {"\x1b[2J": ["steps", "steps", "times", "times"]}
        batch = {"at": [1, 1, 1.0], "epoch": 0, "metrics": {"\x1b[2J": 1.0}, "points": points}
        payload = zlib.compress(pack_arrays({"events": [batch, {"record": "record"}]}, arrays))
        found = list(read_history(payload, started()))
    else:
        found = list(received(pack_message(hello(started())) + pack(RECORDS, records), 1 << 20, Path("/nonexistent")))
    state = RunState()
    for event in found:
        state.apply(event)
    assert state.run is not None and len(state.run.metrics) >= 1
    assert all(tag.isprintable() for tag in state.run.metrics)
