"""A replay of a run that is still being written."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from jem_tui.errors import InputError
from jem_tui.events.commands import Seek
from jem_tui.events.recording import RecordingInfo, StepBatch
from jem_tui.events.run import TOTAL, Event, Note, RunStarted, Samples, StepDone, Wait
from jem_tui.stream.reader.log_reader import NoEventsYetError
from jem_tui.stream.replay.replayer import Replayer
from jem_tui.stream.writer.recorder import Recorder
from tests.stream.stream_events import energies, record, samples, small_run, started, step_done, stopped

PATIENCE = 0.5


class EventLog:
    """A run that is recorded while a replay follows it."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self._recorder = Recorder(run_dir, ["jem-tui", "train"])

    def write(self, *emitted: Event) -> None:
        for event in emitted:
            self._recorder(event)
        if self._recorder._log is not None:
            self._recorder._log._events.flush()


def follow(run_dir: Path) -> tuple[Replayer, Callable[[], list[Event]]]:
    """Replay a growing run, and collect the emitted events until the replay waits for more."""
    clock = [0.0]
    replayer = Replayer(run_dir, now=lambda: clock[0], patience=PATIENCE)
    events: Generator[Event | Wait, None, None] = replayer.events()

    def emitted() -> list[Event]:
        found: list[Event] = []
        for event in events:
            if isinstance(event, Wait):
                clock[0] += event.seconds
                if event.seconds == PATIENCE:
                    return found
            else:
                found.append(event)
        raise AssertionError("a replay never ends without a command")

    return replayer, emitted


def steps(emitted: list[Event]) -> list[int]:
    found: list[int] = []
    for event in emitted:
        if isinstance(event, StepBatch):
            found += event.points[TOTAL].steps.tolist()
        elif isinstance(event, StepDone):
            found.append(event.step)
    return found


@pytest.fixture
def writing(tmp_path: Path) -> EventLog:
    run = EventLog(tmp_path / "run")
    run.write(started(), *map(step_done, range(1, 6)), samples(5), energies(5))
    return run


def kinds(emitted: list[Event]) -> list[str]:
    return [type(event).__name__ for event in emitted]


def test_following_starts_at_the_end_and_reports_that_it_waits(writing: EventLog):
    _, emitted = follow(writing.run_dir)
    first = emitted()
    assert kinds(first) == ["RunStarted", "StepBatch", "Samples", "Energies", "RecordingInfo", "SpeedChanged"]
    start, info = first[0], first[-2]
    assert isinstance(start, RunStarted) and isinstance(info, RecordingInfo)
    assert (start.activity, start.total_steps) == ("following", 100)
    assert (info.growing, info.last_step) == (True, 5)
    assert emitted() == []


def test_new_events_are_emitted_at_the_next_check(writing: EventLog):
    _, emitted = follow(writing.run_dir)
    emitted()
    writing.write(step_done(6))
    look = emitted()
    assert kinds(look) == ["RecordingInfo", "StepDone"] and steps(look) == [6]
    writing.write(*map(step_done, range(7, 40)), samples(39))
    look = emitted()
    assert steps(look) == list(range(7, 40))
    assert any(isinstance(event, Samples) and event.step == 39 for event in look)
    assert emitted() == []


def test_half_a_record_is_waited_for(writing: EventLog):
    _, emitted = follow(writing.run_dir)
    emitted()
    path = next(writing.run_dir.glob("*tfevents*"))
    before = path.read_bytes()
    writing.write(step_done(6))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(before) + 30])
    assert steps(emitted()) == []
    path.write_bytes(whole)
    assert steps(emitted()) == [6]


def test_a_run_that_is_resumed_in_a_new_file_continues(writing: EventLog):
    _, emitted = follow(writing.run_dir)
    emitted()
    writing.write(stopped(5))
    (end,) = [event for event in emitted() if isinstance(event, Note)]
    assert end.kind == "end" and "end of the recording" in end.text
    resumed = EventLog(writing.run_dir)
    resumed.write(started(5), step_done(6))
    look = emitted()
    assert len(list(writing.run_dir.glob("*tfevents*"))) == 2
    assert steps(look) == [1, 2, 3, 4, 5, 6]
    assert "resumed from step 5" in [event.text for event in look if isinstance(event, Note)]
    resumed.write(step_done(7))
    assert steps(emitted()) == [7]


def test_a_resumption_that_voids_steps_emits_the_run_again(writing: EventLog):
    _, emitted = follow(writing.run_dir)
    writing.write(stopped(5))
    emitted()
    record(writing.run_dir, [started(3), step_done(4, 9.0)])
    look = emitted()
    assert isinstance(look[0], RunStarted)
    assert steps(look) == [1, 2, 3, 4]


def test_after_a_seek_back_it_plays_to_the_end_and_follows_again(writing: EventLog):
    replayer, emitted = follow(writing.run_dir)
    emitted()
    list(replayer.apply(Seek(step=2)))
    writing.write(step_done(6))
    assert steps(emitted()) == [3, 4, 5]
    assert steps(emitted()) == [6]


def test_a_complete_recording_is_read_once(tmp_path: Path):
    run_dir = record(tmp_path / "run", small_run(3))
    waits = []
    for event in Replayer(run_dir, 1000.0, now=iter(range(10**6)).__next__).events():
        if isinstance(event, Wait) and waits.append(event.seconds) is None and math.isinf(event.seconds):
            break
    assert math.isinf(waits[-1])


@pytest.mark.parametrize("content", [None, b"", b"\x18\x00\x00\x00"])
def test_a_run_without_events_may_begin_later(tmp_path: Path, content: Any):
    if content is not None:
        (tmp_path / "events.out.tfevents.1.host").write_bytes(content)
    with pytest.raises(NoEventsYetError):
        Replayer(tmp_path, patience=PATIENCE)


def test_a_folder_that_does_not_exist_is_refused_at_once(tmp_path: Path):
    with pytest.raises(InputError, match="There is no folder") as caught:
        Replayer(tmp_path / "nowhere", patience=PATIENCE)
    assert not isinstance(caught.value, NoEventsYetError)


def test_a_foreign_run_that_grows_is_followed(tmp_path: Path):
    writer_class = pytest.importorskip("torch.utils.tensorboard").SummaryWriter
    writer = writer_class(str(tmp_path))
    for step in range(5):
        writer.add_scalar("loss", 1.0 / (step + 1), step)
    writer.flush()
    _, emitted = follow(tmp_path)
    first = emitted()
    assert [len(e.points["loss"]) for e in first if isinstance(e, StepBatch)] == [5]
    writer.add_scalar("loss", 0.5, 5)
    writer.flush()
    assert [event.metrics["loss"] for event in emitted() if isinstance(event, StepDone)] == [0.5]
    writer.close()


def test_a_timed_run_is_followed_by_its_time_and_replayed_by_its_steps(tmp_path: Path):
    run = EventLog(tmp_path)
    run.write(started(total_steps=0, budget_seconds=60.0), *map(step_done, range(1, 6)))
    start = next(event for event in follow(tmp_path)[1]() if isinstance(event, RunStarted))
    assert (start.total_steps, start.budget_seconds) == (0, 60.0)
    run.write(stopped(5))
    start = next(event for event in Replayer(tmp_path).events() if isinstance(event, RunStarted))
    assert (start.total_steps, start.budget_seconds) == (5, 0.0)
