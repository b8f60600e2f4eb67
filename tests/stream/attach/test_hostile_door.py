"""A door that sends anything: the viewer refuses it in a sentence, and the screen never fails on what is emitted."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jem_tui.events.run import Event
from jem_tui.stream.attach.door_reader import DoorReader
from jem_tui.stream.attach.frames import RECORDS, ProtocolError, pack
from jem_tui.stream.attach.history import read_history
from jem_tui.stream.attach.messages import pack_message
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.log_data.array_file import pack_arrays
from jem_tui.tui.state.run_state import RunState
from tests.examples import examples
from tests.stream.attach.hostile_frames import CHANGES, FRAMES, Change, changed
from tests.stream.attach.scripted_door import as_record, hello
from tests.stream.stream_events import started, step_done


def received(data: bytes, piece: int, run_dir: Path) -> Iterator[Event]:
    """Yield the events of bytes that arrive in pieces, up to the first that no door sends."""
    reader = DoorReader(RunLog(run_dir), read_history)
    try:
        for start in range(0, len(data), piece):
            yield from reader.events(data[start : start + piece])
    except ProtocolError as error:
        assert str(error)


@settings(max_examples=examples(80))
@given(st.lists(FRAMES, max_size=8), CHANGES, st.integers(1, 4000))
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
