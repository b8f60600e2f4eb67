"""The replayer as a source: emitted events, pace, and jumps."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import numpy as np
import pytest

from jem_tui.errors import JemError
from jem_tui.events.commands import Advance, Command, Pause, Reseed, Resume, SampleNow, SaveNow, Seek, Speed, Stop
from jem_tui.events.describe import sentence
from jem_tui.events.recording import RecordingInfo, SkippedSamples, StepBatch
from jem_tui.events.run import TOTAL, Event, Note, Paused, Resumed, RunStarted, Samples, SpeedChanged, StepDone, Wait
from jem_tui.stream.drive import drive
from jem_tui.stream.replay.replayer import Replayer, read_events
from jem_tui.stream.tfevents import png_grid
from tests.stream.stream_events import all_equal, record, resumed_run, small_run, started, step_done, stopped


class FakeTime(Queue[Command]):
    """A clock, and a command queue whose waiting advances it; commands can be due at a time."""

    def __init__(self, *due: tuple[float, Command]) -> None:
        super().__init__()
        self.seconds = 0.0
        self._due = sorted(due, key=lambda entry: entry[0])

    def now(self) -> float:
        return self.seconds

    def get(self, block: bool = True, timeout: float | None = None) -> Command:
        until = self.seconds + (math.inf if timeout is None else timeout)
        if not block:
            until = self.seconds
        if self._due and self._due[0][0] <= until:
            self.seconds = max(self.seconds, self._due[0][0])
            return self._due.pop(0)[1]
        self.seconds = until
        raise Empty


def play(run_dir: Path, *due: tuple[float, Command], speed: float = 1.0) -> list[tuple[float, Event]]:
    """Drive a replay until nothing more will come; return its events, each with the seconds since the start."""
    clock, emitted = FakeTime(*due, (1e6, Stop(save=False))), []
    drive(lambda report: Replayer(run_dir, speed, clock.now), lambda e: emitted.append((clock.seconds, e)), clock)
    return emitted[:-1]


def steps_of(event: Event) -> list[int]:
    """Return the optimizer steps in an event."""
    match event:
        case StepDone(step=step):
            return [step]
        case StepBatch(points=points):
            return points[TOTAL].steps.tolist()
    return []


def step_times(emitted: list[tuple[float, Event]]) -> list[tuple[int, float]]:
    return [(step, pytest.approx(seconds, abs=0.01)) for seconds, event in emitted for step in steps_of(event)]


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return record(tmp_path / "run", small_run(10))


def test_a_replay_emits_the_recorded_run_with_its_own_start(run_dir: Path):
    recorded = list(read_events(run_dir))
    emitted = [event for _, event in play(run_dir) if not isinstance(event, RecordingInfo)]
    assert all_equal(emitted[1:-1], recorded[1:-1])
    end = emitted[-1]
    assert isinstance(end, Note) and end.text == f"end of the recording: {sentence(recorded[-1])}"
    assert end.kind == "end"
    start = emitted[0]
    assert isinstance(start, RunStarted)
    assert (start.activity, start.abilities, start.total_steps) == ("replaying", {"seek", "speed", "inspect"}, 10)
    assert (start.run_dir, start.config) == (str(run_dir), recorded[0].config)


@pytest.mark.parametrize("speed", [1.0, 4.0, 0.5])
def test_steps_come_at_the_recorded_pace(run_dir: Path, speed: float):
    emitted = play(run_dir, speed=speed)
    assert step_times(emitted) == [(step, step / speed) for step in range(1, 11)]
    assert [e.speed for _, e in emitted if isinstance(e, SpeedChanged)] == ([] if speed == 1.0 else [speed])


def test_gaps_are_cut_to_two_recorded_seconds(tmp_path: Path):
    emitted = [started(), step_done(1), step_done(2, time=5000.0), step_done(3, time=5001.0)]
    assert step_times(play(record(tmp_path / "run", emitted))) == [(1, 1.0), (2, 3.0), (3, 4.0)]


def test_very_fast_replays_do_not_wait_for_every_step(tmp_path: Path):
    run_dir = record(tmp_path / "run", [started(), *map(step_done, range(1, 1001))])
    clock = FakeTime()
    waits = []
    for event in Replayer(run_dir, 1000.0, clock.now).events():
        if isinstance(event, Wait):
            waits.append(event.seconds)
            if math.isinf(event.seconds):
                break
            clock.seconds += event.seconds
    assert len(waits) <= 35
    assert sum(waits[:-1]) == pytest.approx(1.0, abs=0.05)


def test_speed_changes_from_the_command_on(run_dir: Path):
    emitted = play(run_dir, (2.5, Speed(factor=10.0)))
    changed = next(event for _, event in emitted if isinstance(event, SpeedChanged))
    assert (changed.step, changed.speed) == (2, 10.0)
    assert step_times(emitted)[3:5] == [(4, 2.6), (5, 2.7)]


def test_a_pause_is_not_caught_up(run_dir: Path):
    emitted = play(run_dir, (2.5, Pause()), (60.0, Resume()))
    after = [seconds for seconds, event in emitted if isinstance(event, StepDone) and seconds >= 60]
    assert len(after) == 8
    assert all(later - earlier >= 0.74 for earlier, later in pairwise(after))


def test_single_steps_need_no_wait(run_dir: Path):
    emitted = play(run_dir, (0.0, Advance(steps=3)), (50.0, Stop(save=False)))
    assert [event.step for _, event in emitted if isinstance(event, StepDone)] == [1, 2, 3]
    assert all(seconds == 0.0 for seconds, event in emitted if isinstance(event, StepDone))


@pytest.mark.parametrize(("target", "reached"), [(4, 4), (7, 7), (-5, 1), (999, 10)])
def test_seeking_starts_over_and_bursts_to_the_end_of_that_step(run_dir: Path, target: int, reached: int):
    emitted = [event for _, event in play(run_dir, (2.5, Pause()), (3.0, Seek(step=target)), (4.0, Stop(save=False)))]
    burst = emitted[[type(e) for e in emitted].index(Paused) + 1 :]
    assert isinstance(burst[0], RunStarted) and burst[0].activity == "replaying"
    assert [step for event in burst for step in steps_of(event)] == list(range(1, reached + 1))
    assert sum(bool(steps_of(event)) for event in burst) == 1
    assert [event.step for event in burst if isinstance(event, Samples)] == (
        [5] if 5 <= reached < 10 else [10] * (reached == 10)
    )


def test_a_replay_continues_after_a_seek(run_dir: Path):
    emitted = play(run_dir, (2.5, Seek(step=8)))
    assert step_times(emitted)[2:] == [*((step, 2.5) for step in range(1, 9)), (9, 3.5), (10, 4.5)]
    emitted = play(run_dir, (9.5, Seek(step=1)))
    assert step_times(emitted)[9:12] == [(1, 9.5), (2, 10.5), (3, 11.5)]


def test_a_finished_replay_can_seek_back(run_dir: Path):
    emitted = play(run_dir, (500.0, Seek(step=9)))
    assert step_times(emitted)[-2:] == [(9, 500.0), (10, 501.0)]


def test_seeking_decodes_only_the_latest_pictures(run_dir: Path, monkeypatch: pytest.MonkeyPatch):
    decoded: list[Any] = []
    original = png_grid.decode_grid
    monkeypatch.setattr(png_grid, "decode_grid", lambda *args: decoded.append(args) or original(*args))
    replayer = Replayer(run_dir)
    assert not decoded
    list(replayer.apply(Seek(step=10)))
    assert len(decoded) == 1


def test_a_seek_emits_the_energies_of_skipped_samples(tmp_path: Path):
    emitted = Replayer(record(tmp_path / "run", small_run(20))).apply(Seek(step=20))
    recorded = [event for event in small_run(20) if isinstance(event, Samples)]
    kept = list(emitted)
    (skipped,) = [event for event in kept if isinstance(event, SkippedSamples)]
    (shown,) = [event for event in kept if isinstance(event, Samples)]
    assert [snapshot.step for snapshot in skipped.snapshots] == [5, 10, 15] and shown.step == 20
    for snapshot, event in zip(skipped.snapshots, recorded, strict=False):
        assert (
            np.array_equal(snapshot.energy, event.energy, equal_nan=True) and (snapshot.reseeds == event.reseeds).all()
        )


def test_commands_that_would_change_a_recording_are_answered_with_a_note(run_dir: Path):
    replayer = Replayer(run_dir)
    for command in (Reseed(), SaveNow()):
        (note,) = replayer.apply(command)
        assert isinstance(note, Note) and note.kind == "warning" and "A recording cannot" in note.text
    assert list(replayer.apply(SampleNow())) == []
    assert list(replayer.apply(Speed(factor=0.0))) == []


def test_a_recording_without_stopped_has_an_end_note(tmp_path: Path):
    emitted = play(record(tmp_path / "run", [started(), step_done(1), step_done(2)]), (50.0, Seek(step=1)))
    ends = [(event.text, event.step) for _, event in emitted if isinstance(event, Note)]
    assert ends == [("end of the recording", 2)] * 2


def test_recorded_pauses_are_not_emitted(tmp_path: Path):
    when = {"step": 1, "images": 64, "time": 1001.0}
    emitted = [started(), step_done(1), Paused(**when), Resumed(**when), step_done(2), stopped(2)]
    assert not [event for _, event in play(record(tmp_path / "run", emitted)) if isinstance(event, Paused | Resumed)]


def test_a_replayed_resumption_is_a_note_so_that_the_screen_keeps_its_curves(tmp_path: Path):
    emitted = [event for _, event in play(resumed_run(tmp_path))]
    assert [type(event).__name__ for event in emitted].count("RunStarted") == 1
    assert [event.text for event in emitted if isinstance(event, Note)] == [
        "left out: 19 points were replaced by a later restart.",
        "resumed from step 6",
        "end of the recording: finished at step 8",
    ]
    assert emitted[-1].step == 8 and emitted[0].total_steps == 8


def test_a_damaged_recording_says_so_and_plays_the_rest(run_dir: Path):
    path = next(run_dir.glob("*tfevents*"))
    content = bytearray(path.read_bytes())
    content[content.index(b'"StepDone","step":4')] ^= 1
    path.write_bytes(content)
    emitted = [event for _, event in play(run_dir)]
    assert [event.step for event in emitted if isinstance(event, StepDone)] == [1, 2, 3, 5, 6, 7, 8, 9, 10]
    assert "1 record is damaged" in next(event.text for event in emitted if isinstance(event, Note))


def test_a_recording_that_vanishes_is_explained(run_dir: Path):
    replayer = Replayer(run_dir)
    next(run_dir.glob("*tfevents*")).unlink()
    with pytest.raises(JemError, match="can no longer be read"):
        list(replayer.apply(Seek(step=10)))
