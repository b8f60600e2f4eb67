"""Recording loses nothing, and TensorBoard reads what is recorded."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard import data_compat
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

from jem_tui.events.run import Event, Loading, Sampling
from jem_tui.events.serialize import to_plain
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.tfevents import codec
from tests.examples import examples
from tests.stream.random_events import RECORDED, run_starts
from tests.stream.stream_events import (
    METRICS,
    all_equal,
    energies,
    equal,
    record,
    samples,
    small_run,
    started,
    step_done,
    stopped,
)


@settings(max_examples=examples(15), deadline=None)
@given(run_starts(st.just(0)), st.lists(RECORDED, max_size=6))
def test_recorded_events_are_read_back_exactly(start: Event, emitted: list[Event]):
    with tempfile.TemporaryDirectory() as folder:
        run_dir = record(Path(folder) / "run", [start, *emitted])
        cut = next((i for i, event in enumerate(emitted) if type(event).__name__ == "Stopped"), len(emitted))
        assert all_equal(list(read_events(run_dir)), [start, *emitted[: cut + 1]])


@settings(deadline=None)
@given(RECORDED)
def test_plain_form_is_valid_json_with_the_common_keys(event: Event):
    line = json.loads(json.dumps(to_plain(event), allow_nan=False))
    assert list(line)[:4] == ["event", "step", "images", "time"]
    assert line["event"] == type(event).__name__


def test_plain_form_spells_out_numbers_that_json_lacks():
    event = step_done(1, metrics={"a": math.nan, "b": math.inf, "c": -math.inf, "d": 0.5})
    assert to_plain(event)["metrics"] == {"a": "NaN", "b": "Infinity", "c": "-Infinity", "d": 0.5}


def test_plain_form_of_samples_has_the_shape_of_the_tiles_and_lists():
    line = to_plain(samples(1, n=2))
    assert line["tiles"] == [2, 4, 3, 1]
    assert line["age"] == [0, 1]


@pytest.mark.parametrize(
    "event",
    [
        Loading(step=0, images=0, time=0.0, text="torch"),
        Sampling(step=1, images=64, time=0.0, k=1, of=2),
        samples(1, requested=True),
    ],
)
def test_passing_events_are_not_recorded(event: Event):
    assert not codec.is_recorded(event)


def test_decoded_arrays_are_read_only(tmp_path: Path):
    emitted = list(read_events(record(tmp_path / "run", small_run())))
    for event in emitted:
        for name in ("tiles", "energy", "edges", "data"):
            array = getattr(event, name, None)
            assert array is None or not array.flags.writeable


def test_tensorboard_lists_scalars_images_histograms_and_text(tmp_path: Path):
    reader = EventAccumulator(str(record(tmp_path / "run", small_run())))
    reader.Reload()
    tags = reader.Tags()
    assert set(METRICS) | {"validation/accuracy"} <= set(tags["scalars"])
    assert tags["images"] == ["JEM/x_hat"]
    assert tags["histograms"] == ["JEM/energy_data", "JEM/energy_samples"]
    assert "notes" in tags["tensors"]
    assert [(s.step, s.value) for s in reader.Scalars("JEM/total")][:2] == [(64, 1.0), (128, 0.5)]
    assert [(i.step, i.width, i.height) for i in reader.Images("JEM/x_hat")] == [(320, 9, 8), (640, 9, 8)]


def test_tensorboard_draws_the_histogram_over_our_bins(tmp_path: Path):
    event = energies(5)
    values = codec.encode(event).summary.value
    migrated = data_compat.migrate_value(next(v for v in values if v.tag == "JEM/energy_data"))
    buckets = tensor_util.make_ndarray(migrated.tensor)
    assert buckets[:, 0] == pytest.approx(event.edges[:-1])
    assert buckets[:, 1] == pytest.approx(event.edges[1:])
    assert buckets[:, 2].tolist() == event.data.tolist()


def test_tensorboard_drops_steps_that_a_resumed_run_repeats(tmp_path: Path):
    run_dir = record(tmp_path / "run", small_run(10))
    record(run_dir, [started(6), *(step_done(step, value=9.0) for step in (7, 8)), stopped(8)])
    reader = EventAccumulator(str(run_dir))
    reader.Reload()
    assert [(s.step // 64, s.value) for s in reader.Scalars("JEM/total")][5:] == [
        (6, pytest.approx(1 / 6)),
        (7, 9),
        (8, 9),
    ]


def test_equal_distinguishes_arrays():
    assert equal(samples(1), samples(1))
    assert not equal(samples(1), samples(1, energy=np.zeros(5, dtype=np.float32)))
    assert not equal(samples(1), samples(1, age=np.arange(5, dtype=np.int32)))
