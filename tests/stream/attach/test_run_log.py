"""The past of a live run from its log, compared with what a viewer displays that was there."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.run import TOTAL, Event, Note, Paused, RunStarted, Samples
from jem_tui.stream.attach.messages import LogPosition
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.reader.log_reader import event_files
from jem_tui.stream.writer.recorder import Recorder
from tests.stream.attach.displayed import curves_of, displayed, state_of
from tests.stream.attach.random_runs import Action, RandomRun, actions
from tests.stream.stream_events import record, samples, small_run, started, stopped, timeline_of
from tests.wait_until import wait_until


def position_of(run_dir: Path) -> LogPosition:
    """Return the position at the end of everything that is on the disk."""
    return tuple((path.name, path.stat().st_size) for path in event_files(run_dir))


class RecordedRun:
    """A random run that is recorded, session by session."""

    def __init__(self, run_dir: Path) -> None:
        self.run = RandomRun()
        self.run_dir = run_dir
        self._begin(self.run.start())

    def do(self, action: Action) -> list[Event]:
        """Record the events of an action and return those of the same session."""
        events = list(self.run.events(action))
        if action[0] == "resume run":
            self._recorder._log.close(stopped(self.run.step))
            self._begin(events[0])
            return []
        for event in events:
            self._recorder(event)
        self._recorder._log._events.flush()
        return events

    def _begin(self, start: Event) -> None:
        assert isinstance(start, RunStarted)
        self.started = start
        self._recorder = Recorder(self.run_dir, ["jem-tui", "train"])
        self._recorder(start)

    def past(self, log: RunLog) -> list[Event]:
        return list(log.past(self.started, position_of(self.run_dir), paused=self.run.paused))


@given(actions(), st.integers(0, 25))
def test_a_viewer_that_joins_late_displays_what_an_early_one_does(done: list[Action], joined: int):
    with TemporaryDirectory() as folder:
        recorded = RecordedRun(Path(folder) / "run")
        early_log = RunLog(recorded.run_dir)
        early = recorded.past(early_log)
        for number, action in enumerate(done):
            new = recorded.do(action)
            rejoins = number == joined or action[0] == "resume run"
            early = recorded.past(early_log) if rejoins else [*early, *new]
        late = state_of(recorded.past(RunLog(recorded.run_dir)))
        assert displayed(state_of(early)) == displayed(late)
        recorded._recorder._log.close(stopped(recorded.run.step))
        points = timeline_of(recorded.run_dir).points()
        curves = displayed(late)["curves"]
        assert {tag: curves[tag] for tag in points if len(points[tag])} == curves_of(points)


def test_a_damaged_record_is_left_out_with_a_note(tmp_path: Path):
    run_dir = record(tmp_path / "run", small_run(20)[:-1])
    position = position_of(run_dir)
    (path,) = run_dir.glob("*tfevents*")
    content = bytearray(path.read_bytes())
    content[content.index(b"JEM/total", len(content) // 2)] ^= 1
    path.write_bytes(content)
    state = state_of(RunLog(run_dir).past(started(), position, paused=False))
    assert state.run is not None and len(state.run.series[TOTAL]) == 19
    assert [note.text for note in state.run.notes if note.kind == "warning"] == ["left out: 1 record is damaged."]


def test_the_newest_samples_of_a_paused_run_are_displayed(tmp_path: Path):
    at = samples(20).at.fields()
    run_dir = record(tmp_path / "run", [*small_run(20)[:-1], Paused(**at)])
    events = list(RunLog(run_dir).past(started(), position_of(run_dir), paused=True))
    assert [event.step for event in events if isinstance(event, Samples)] == [20]
    assert isinstance(events[-1], Paused) and state_of(events).paused


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "link to itself"])
def test_a_position_in_something_other_than_a_file_gives_a_note(tmp_path: Path, kind: str):
    place = tmp_path / "place"
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
        case "device":
            place.symlink_to("/dev/zero")
        case _:
            place.symlink_to(place)
    events: list[Event] = []

    def read() -> None:
        events.extend(RunLog(tmp_path).past(started(), (("place", 100),), paused=False))

    # A daemon: a pipe without a writer would block it forever
    Thread(target=read, daemon=True).start()
    wait_until(lambda: len(events) == 2, "the log is not read")
    assert isinstance(events[1], Note) and "cannot be displayed" in events[1].text
