"""States of ranks in a log: read back exactly, bounded, and left in the file until they are displayed."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from jem_tui.events.rank_states import EQUAL_WAITING, MOST_OF_NAME, MOST_RANKS
from jem_tui.events.run import RankStates
from jem_tui.events.serialize import to_plain
from jem_tui.stream.log_data.entries import DeferredEvent, resolve
from jem_tui.stream.reader import log_cache
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.reader.log_reader import read_log
from jem_tui.stream.replay.build_timeline import build_timeline
from jem_tui.stream.replay.replayer import read_events
from tests.stream.stream_events import equal, rank_states, record, started, step_done, stopped


def ranks_in(run_dir: Path) -> list[RankStates]:
    return [event for event in read_events(run_dir) if isinstance(event, RankStates)]


@pytest.mark.parametrize("size", [0, 1, 64, MOST_RANKS])
def test_states_are_read_back_exactly(tmp_path: Path, size: int):
    emitted = rank_states(3, size)
    (found,) = ranks_in(record(tmp_path / "run", [started(), emitted, stopped(3)]))
    assert equal(found, emitted)


def test_ranks_without_report_are_read_back(tmp_path: Path):
    odd = {"energy": (math.nan, -math.inf), "hosts": ("", "a"), "memory": (0, 0)}
    emitted = rank_states(3, **odd)
    (found,) = ranks_in(record(tmp_path / "run", [started(), emitted, stopped(3)]))
    assert equal(found, emitted)
    assert json.loads(json.dumps(to_plain(emitted), allow_nan=False))["energy"] == ["NaN", "-Infinity"]


@pytest.mark.parametrize(
    "changes",
    [
        {"energy": (1.0,)},
        {"hosts": ("a", "b", "c")},
        {"devices": ("cpu", "x" * (MOST_OF_NAME + 1))},
        {"memory": (1, 2**64)},
        {"hosts": ("a", 1)},
    ],
)
def test_states_that_contradict_themselves_are_counted_as_damage(tmp_path: Path, changes: dict[str, Any]):
    run_dir = record(tmp_path / "run", [started(), rank_states(3, **changes), stopped(3)])
    assert not ranks_in(run_dir)
    assert read_recording(run_dir).damage.skipped_records == 1


def test_more_ranks_than_any_run_has_are_refused(tmp_path: Path):
    run_dir = record(tmp_path / "run", [started(), rank_states(3, MOST_RANKS + 1), stopped(3)])
    assert not ranks_in(run_dir)


def test_only_the_newest_states_are_read_for_a_jump(tmp_path: Path):
    states = [event for step in range(1, 6) for event in (step_done(step), rank_states(step))]
    run_dir = record(tmp_path / "run", [started(), *states, stopped(5)])
    recording = read_recording(run_dir)
    assert sum(isinstance(entry, DeferredEvent) for entry in recording.entries) == 5
    timeline = build_timeline(recording, run_dir, complete=True)
    shown = [event for event in timeline.emit(0, timeline.position_after(3)) if isinstance(event, RankStates)]
    assert [event.step for event in shown] == [3]
    assert [event.step for event in resolve(recording.entries) if isinstance(event, RankStates)] == [1, 2, 3, 4, 5]


def test_the_cache_of_a_log_refers_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log_cache, "MIN_BYTES", 0)
    run_dir = record(tmp_path / "run", [started(), step_done(1), rank_states(1, 64), stopped(1)])
    stamp = log_cache.stamp_of(run_dir)
    assert log_cache.save_cache(run_dir, read_log(run_dir), stamp)
    cached = log_cache.load_cache(run_dir)
    assert cached is not None
    (found,) = [event for event in resolve(cached.entries) if isinstance(event, RankStates)]
    assert equal(found, rank_states(1, 64))


def test_tensorboard_shows_no_trace_of_them(tmp_path: Path):
    run_dir = record(tmp_path / "run", [started(), rank_states(3), rank_states(4), stopped(4)])
    read = EventAccumulator(str(run_dir)).Reload()
    assert set(read.Tags()["tensors"]) == {"jem_tui/event", "notes"}
    assert [event.step for event in read.Tensors("notes")] == [0, 256]


def test_the_slowest_rank_is_the_one_that_waits_least():
    assert rank_states(1, 8).slowest == 7
    assert rank_states(1, 1).slowest is None
    assert rank_states(1, 0).slowest is None
    assert rank_states(1, waiting=(math.nan, math.nan)).slowest is None
    assert rank_states(1, waiting=(math.nan, 0.5)).slowest is None
    assert rank_states(1, waiting=(0.5, 0.5 - EQUAL_WAITING / 2)).slowest is None
    assert replace(rank_states(1), waiting=(0.2, 0.5)).slowest == 0
