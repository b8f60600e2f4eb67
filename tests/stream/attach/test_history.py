"""The past of a run as one frame: exact for short runs, thinned for long ones, and checked when it is read."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.recording import ChainSnapshot, Points, SkippedSamples, StepBatch
from jem_tui.events.run import Event
from jem_tui.stream.attach import history
from jem_tui.stream.attach.frames import HISTORY, FrameParser, ProtocolError
from jem_tui.stream.attach.history import MOST_JSON, MOST_POINTS, MOST_SNAPSHOTS, pack_history, read_history
from jem_tui.stream.attach.run_feed import record_of
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.log_data.array_file import pack_arrays
from tests.stream.attach.displayed import displayed, state_of
from tests.stream.attach.random_runs import Action, actions
from tests.stream.attach.test_run_log import RecordedRun
from tests.stream.stream_events import evaluated, started


def passed(events: list[Event]) -> list[Event]:
    """Return the events as they arrive at the other end."""
    (frame,) = FrameParser().feed(pack_history(events))
    assert frame.kind == HISTORY
    return list(read_history(frame.payload, started(0)))


@given(actions())
def test_a_history_displays_what_the_log_does(done: list[Action]):
    with TemporaryDirectory() as folder:
        recorded = RecordedRun(Path(folder) / "run")
        for action in done:
            recorded.do(action)
        past = recorded.past(RunLog(recorded.run_dir))
        arrived = [recorded.started, *passed(past)[1:]]
        assert displayed(state_of(arrived)) == displayed(state_of(past))


def long_run(steps: int, metrics: int) -> StepBatch:
    """Return a batch of steps with some metrics that differ at random."""
    index = np.arange(1, steps + 1)
    random = np.random.default_rng(0)
    points = {
        f"metric {number}": Points(
            index, index * 64, index * 0.01, random.normal(size=steps).astype(np.float32).astype(float)
        )
        for number in range(metrics)
    }
    shared = points["metric 0"]
    points = {tag: Points(shared.steps, shared.images, shared.times, known.values) for tag, known in points.items()}
    last = {tag: float(known.values[-1]) for tag, known in points.items()}
    return StepBatch(step=steps, images=steps * 64, time=steps * 0.01, epoch=3, metrics=last, points=points)


def test_a_long_run_is_thinned_and_keeps_its_extremes():
    before = long_run(100_000, 12)
    (_, after) = passed([before])
    assert isinstance(after, StepBatch)
    assert (after.step, after.epoch, after.metrics) == (100_000, 3, before.metrics)
    for tag, known in after.points.items():
        assert len(known) <= MOST_POINTS
        assert known.values.min() == before.points[tag].values.min()
        assert known.values.max() == before.points[tag].values.max()
    assert len({id(known.steps) for known in after.points.values()}) == 1


def test_snapshots_of_chains_arrive_up_to_a_limit():
    snapshots = tuple(
        ChainSnapshot(step, np.arange(step % 4, dtype=np.float32), np.full(step % 4, step)) for step in range(5000)
    )
    (_, after) = passed([SkippedSamples(step=5000, images=1, time=1.0, snapshots=snapshots)])
    assert isinstance(after, SkippedSamples)
    assert 0 < len(after.snapshots) <= MOST_SNAPSHOTS and after.snapshots[-1].step == 4999
    for snapshot in after.snapshots:
        assert snapshot.energy.tolist() == list(range(snapshot.step % 4))
        assert snapshot.reseeds.tolist() == [snapshot.step] * (snapshot.step % 4)


def malformed() -> Iterator[bytes]:
    yield b""
    yield b"no zlib"
    yield zlib.compress(b"no arrays")
    yield zlib.compress(pack_arrays({"events": [{"at": [0, 0, 0]}]}, {}))
    yield zlib.compress(pack_arrays({"events": [{"record": "0"}]}, {}))
    yield zlib.compress(pack_arrays({"events": [{"record": "0"}]}, {"0": np.zeros(40, np.uint8)}))
    yield zlib.compress(pack_arrays({"events": 3}, {}))
    yield zlib.compress(pack_arrays({"events": [7]}, {}))
    ends = {"0": np.array([1]), "1": np.array([5]), "2": np.zeros(2, np.float32), "3": np.zeros(2, np.int64)}
    yield zlib.compress(pack_arrays({"events": [{"at": [0, 0, 0], "snapshots": list("0123")}]}, ends))
    points = {"loss": ["0", "0", "2", "2"]}
    part = {"at": [0, 0, 0], "epoch": 0, "metrics": {}, "points": points}
    yield zlib.compress(pack_arrays({"events": [part]}, ends))
    yield zlib.compress(struct.pack(">Q", 1) * 1000)[:-4]


@pytest.mark.parametrize("payload", list(malformed()))
def test_a_malformed_history_is_refused(payload: bytes):
    with pytest.raises(ProtocolError):
        list(read_history(payload, started(0)))


def repeating() -> Iterator[bytes]:
    """Yield small payloads that name the same arrays many times, or hold numbers in another form than a bridge sends."""
    numbers, moments = np.zeros(1000), np.zeros(1000, np.int64)
    at = {"at": [1, 1, 1.0]}
    names = ["whole", "whole", "number", "number"]
    tags = {f"tag {number}": names for number in range(300)}
    arrays = {"whole": moments, "number": numbers, "byte": np.zeros(1000, np.uint8)}
    arrays["record"] = np.frombuffer(record_of(evaluated(1)), np.uint8)
    batch = {**at, "epoch": 0, "metrics": {}}
    for parts in (
        [{**batch, "points": tags}],
        [{"record": "record"}] * 10_000,
        [{**at, "snapshots": ["whole", "whole", "none", "none"]}] * 2000,
        [{**batch, "points": {"tag": ["byte", "whole", "number", "number"]}}],
        [{**batch, "points": {"tag": ["number", "whole", "number", "number"]}}],
    ):
        yield zlib.compress(pack_arrays({"events": parts}, {**arrays, "none": np.zeros(0)}))
    yield zlib.compress(pack_arrays({"events": [], "more": " " * (MOST_JSON + 1)}, {}))


@pytest.mark.parametrize("payload", list(repeating()))
def test_a_small_frame_takes_no_memory_beyond_the_limit(payload: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(history, "_ROOM", 1 << 20)
    with pytest.raises(ProtocolError, match="cannot be read"):
        list(read_history(payload, started(0)))


def test_there_is_a_maximum_of_snapshots():
    many = np.zeros(MOST_SNAPSHOTS + 1, np.int64)
    part = {"at": [1, 1, 1.0], "snapshots": ["many", "many", "none", "none"]}
    payload = zlib.compress(pack_arrays({"events": [part]}, {"many": many, "none": np.zeros(0, np.int64)}))
    with pytest.raises(ProtocolError, match="too many snapshots"):
        list(read_history(payload, started(0)))


@given(st.data())
def test_no_damage_raises_another_error(data: st.DataObject):
    (frame,) = FrameParser().feed(pack_history([long_run(3, 2)]))
    content = bytearray(zlib.decompress(frame.payload))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=5)):
        content[place] = data.draw(st.integers(0, 255))
    with suppress(ProtocolError):
        list(read_history(zlib.compress(bytes(content)), started(0)))
