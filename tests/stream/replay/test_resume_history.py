"""The recorded steps of a resumed run, which are emitted for the screen alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jem_tui.events.recording import StepBatch
from jem_tui.events.run import TOTAL, Event, RunStarted, StepDone
from jem_tui.stream.replay import resume_history
from jem_tui.stream.replay.resume_history import with_earlier_steps
from jem_tui.stream.tfevents import codec
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.speedometer import THROUGHPUT
from tests.stream.stream_events import record, small_run, started, step_done, stopped


class Resumed:
    """A run that resumes at step 6 of ten, a day later."""

    def __init__(self, first: int = 6) -> None:
        self.first = first

    def events(self) -> Iterator[Event]:
        day = 86_400.0
        yield started(self.first, steps_per_epoch=5, time=1000.0 + self.first + day)
        yield from (step_done(self.first + n, 9.0, time=1000.0 + self.first + n + day) for n in (1, 2))
        yield stopped(self.first + 2)

    def apply(self, command: object) -> list[Event]:
        return []


def emitted(run_dir: Path, first: int = 6) -> list[Event]:
    return list(with_earlier_steps(lambda report: Resumed(first), run_dir)(lambda *ignored: None).events())


def test_the_steps_up_to_the_checkpoint_come_after_the_start(tmp_path: Path):
    start, past, *others = emitted(record(tmp_path / "run", small_run(10)))
    assert isinstance(start, RunStarted) and isinstance(past, StepBatch)
    assert past.points[TOTAL].steps.tolist() == [1, 2, 3, 4, 5, 6]
    assert (past.step, past.images, past.epoch) == (6, 6 * 64, 1)
    assert [event.step for event in others if isinstance(event, StepDone)] == [7, 8]
    assert not codec.is_recorded(past)


def test_the_screen_draws_one_curve_and_leaves_the_break_out_of_the_speed(tmp_path: Path):
    state = RunState()
    for event in emitted(record(tmp_path / "run", small_run(10))):
        state.apply(event)
    assert state.run is not None
    assert state.run.series[TOTAL].steps.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert state.run.series[THROUGHPUT].values.min() > 10


def test_a_new_run_has_no_past(tmp_path: Path):
    assert not [event for event in emitted(tmp_path / "new") if isinstance(event, StepBatch)]
    assert not [
        event for event in emitted(record(tmp_path / "run", small_run(10)), first=0) if isinstance(event, StepBatch)
    ]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), MemoryError()])
def test_an_unreadable_log_does_not_keep_a_run_from_resuming(tmp_path: Path, monkeypatch, error: Exception):
    def fail(run_dir: Path) -> None:
        raise error

    monkeypatch.setattr(resume_history, "read_recording", fail)
    start, *others = emitted(record(tmp_path / "run", small_run(10)))
    assert isinstance(start, RunStarted) and not any(isinstance(event, StepBatch) for event in others)
