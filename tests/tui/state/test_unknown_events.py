"""Recorded events with values that no version of this program writes: each is drawn as far as it goes, or counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2

from jem_tui.events.run import Assessed, Event, Note
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.reader.log_reader import Recording
from jem_tui.stream.replay.build_timeline import build_timeline
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import frame
from jem_tui.tui.state.run_state import RunState
from tests.stream.stream_events import energies, evaluated, samples, started, step_done, stopped
from tests.tui.state.draw_any_state import check_invariants, draw_everything

NOTE = Note(step=5, images=320, time=1005.0, text="hello")
BINS = {"confidence": (0.1, 0.9), "accuracy": (0.2, 0.8), "share": (0.5, 0.5)}
ASSESSED = Assessed(step=5, images=320, time=1005.0, split="validation", auroc={"noise": 0.9}, **BINS)
EMPTY: dict[str, Any] = {name: [] for name in ("energy", "age", "predicted", "confidence", "reseeds")}
DRAWN: dict[str, tuple[Event, dict[str, Any]]] = {
    "a kind of note of tomorrow": (NOTE, {"kind": "of tomorrow"}),
    "a field of tomorrow": (NOTE, {"colour": "red"}),
    "markup": (NOTE, {"text": "[/] [bold", "kind": "[/]"}),
    "classes without a name": (samples(5), {"predicted": [-1, 99, 2**62, -(2**62), 1]}),
    "two hundred percent": (samples(5), {"confidence": [2.0] * 5}),
    "no energies": (samples(5), {"energy": ["NaN", "Infinity", "-Infinity", 1e300, 0]}),
    "tiles of other channels": (samples(5), {"tiles": [5, 4, 3, 4]}),
    "an accuracy of 200 %": (evaluated(5, accuracy=2.0), {}),
    "no bins": (ASSESSED, {name: [] for name in BINS}),
    "shares beyond all bounds": (ASSESSED, {"accuracy": [9.0, -1e300], "auroc": {"x" * 999: 1e300}}),
    "nanoseconds": (NOTE, {"time": 1e18}),
    "the end of time": (NOTE, {"time": 1e300}),
    "a step at the end of time": (step_done(5), {"time": -1e300}),
    "a step before the start": (step_done(5), {"step": -5}),
    "a huge step": (step_done(5), {"step": 2**62}),
}
COUNTED: dict[str, tuple[Event, dict[str, Any]]] = {
    "an event of tomorrow": (NOTE, {"event": "OfTomorrow"}),
    "a kind that is no word": (NOTE, {"kind": [1]}),
    "one energy for five chains": (samples(5), {"energy": [1.0]}),
    "nothing for five chains": (samples(5), EMPTY),
    "tiles of another size": (samples(5), {"tiles": [5, 4, 300, 1]}),
    "tiles without a side": (samples(5), {"tiles": [5, 0, 3, 1]}),
    "lists of bins differ in length": (ASSESSED, {"share": [0.5]}),
    "no time": (NOTE, {"time": float("nan")}),
    "pictures at no time": (samples(5), {"time": float("inf")}),
    "a step at no time": (step_done(5), {"time": float("nan")}),
}


def message(event: Event, changes: dict[str, Any]) -> event_pb2.Event:
    """Return the record of an event with other values."""
    record = codec.encode(event)
    record.wall_time = changes.get("time", record.wall_time)
    words = record.summary.value[0].tensor.string_val
    words[0] = json.dumps(json.loads(words[0]) | {k: v for k, v in changes.items() if k != "time"}).encode()
    return record


def recorded(folder: Path, odd: event_pb2.Event) -> Recording:
    """Record a short run with an odd record in its middle, and read the run."""
    names = ("[/] 😀", "1")
    before = [codec.encode(started(class_names=names)), *(codec.encode(step_done(step)) for step in (1, 2, 3))]
    records = [*before, odd, codec.encode(step_done(6)), codec.encode(stopped(6))]
    folder.mkdir(exist_ok=True)
    (folder / "events.out.tfevents.1.x").write_bytes(b"".join(frame(each.SerializeToString()) for each in records))
    return read_recording(folder)


def played(recording: Recording, folder: Path) -> tuple[RunState, list[Event]]:
    """Return the state of a replay at its end, and the events that it took in."""
    timeline = build_timeline(recording, folder, complete=True)
    state, taken = RunState(), list(timeline.emit(0, len(timeline)))
    for event in (timeline.started, *taken):
        state.apply(event)
        check_invariants(state)
    return state, taken


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs") / "run"


@settings(deadline=None, max_examples=30)
@given(name=st.sampled_from(sorted(DRAWN)), data=st.data(), width=st.integers(1, 130), height=st.integers(1, 40))
def test_unusual_valid_values_are_drawn(folder, name, data, width, height):
    recording = recorded(folder, message(*DRAWN[name]))
    state, taken = played(recording, folder)
    usual = played(recorded(folder, message(NOTE, {"event": "OfTomorrow"})), folder)[1]
    assert recording.damage.skipped_records == 0 and str(taken) != str(usual)
    draw_everything(state, width, height, data)


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_invalid_values_are_counted_and_the_rest_is_drawn(folder, name):
    recording = recorded(folder, message(*COUNTED[name]))
    assert recording.damage.skipped_records == 1
    state, taken = played(recording, folder)
    assert state.run.step == 6 and any("1" in event.text for event in taken if isinstance(event, Note))


def test_bins_in_the_wrong_order_are_counted(folder):
    odd = codec.encode(energies(5))
    limits = odd.summary.value[1].histo.bucket_limit
    limits[:] = limits[::-1]
    assert recorded(folder, odd).damage.skipped_records == 1


def test_pictures_damaged_inside_are_named_and_the_rest_is_shown(folder):
    odd = codec.encode(samples(5))
    (picture,) = (value.image for value in odd.summary.value if value.HasField("image"))
    encoded = bytearray(picture.encoded_image_string)
    start = encoded.index(b"IDAT") + 4
    encoded[start : start + 8] = bytes(8)
    picture.encoded_image_string = bytes(encoded)
    state, taken = played(recorded(folder, odd), folder)
    assert state.run.step == 6
    (note,) = (event for event in taken if isinstance(event, Note) and "decoded" in event.text)
    assert note.text.endswith("of step 5 cannot be decoded and is left out") and note.kind == "warning"
