"""A viewer at the door of a run, over a real socket."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest

from jem_tui.events.commands import Adjust, Authored, Pause
from jem_tui.events.run import TOTAL, Event, Paused, StepDone, Stopped
from jem_tui.events.viewing import Connection
from jem_tui.stream.attach import lost_run
from jem_tui.stream.attach.connect import connect_socket
from jem_tui.stream.attach.door_file import live_door
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.attach.viewer import Viewer
from jem_tui.stream.reader.log_reader import event_files
from tests.stream.attach.displayed import displayed, state_of
from tests.stream.attach.plain_viewer import OpenRun
from tests.stream.stream_events import evaluated, samples, started
from tests.wait_until import PATIENCE, wait_until


def opened(run_dir: Path) -> Viewer:
    viewer = Viewer(lambda: connect_socket(Path(live_door(run_dir).socket)), run_dir, "alice@laptop")
    viewer.start()
    return viewer


def events_until(viewer: Viewer, kind: type[Event], step: int = 0) -> list[Event]:
    """Return the events of a viewer up to one of a kind at a step or later."""
    events: list[Event] = []
    for event in viewer.until_stopped():
        events.append(event)
        if isinstance(event, kind) and event.step >= step:
            return events
    raise AssertionError(events[-3:])


def test_viewers_of_different_times_display_the_log_to_its_end(run: OpenRun):
    early = opened(run.run_dir)
    received = events_until(early, Connection)
    run.take_steps(3)
    run.emit(Paused(**samples(3).at.fields()), samples(3), evaluated(3))
    late = opened(run.run_dir)
    late_received = events_until(late, Connection)
    run.take_steps(2)
    run.end()
    received += early.until_stopped()
    late_received += late.until_stopped()
    position = tuple((path.name, path.stat().st_size) for path in event_files(run.run_dir))
    log = state_of(RunLog(run.run_dir).past(started(total_steps=100), position, paused=True))
    for viewer, events in ((early, received), (late, late_received)):
        assert isinstance(events[-1], Stopped) and viewer.ended == events[-1]
        assert displayed(state_of(events)) == displayed(log)
        assert viewer.close(PATIENCE)
    assert log.run is not None and log.run.series[TOTAL].steps.tolist() == [1, 2, 3, 4, 5]


def test_commands_reach_the_run_with_their_author(run: OpenRun):
    viewer = opened(run.run_dir)
    events_until(viewer, Connection)
    for command in (Pause(), Adjust(name="sgld.steps", increments=-1)):
        viewer.send(command)
        assert run.commands.get(timeout=PATIENCE) == Authored(command=command, author="alice@laptop")
    assert viewer.close(PATIENCE)


def test_attaching_and_detaching_leaves_nothing_behind(run: OpenRun):
    run.take_steps(1)

    def attach() -> None:
        viewer = opened(run.run_dir)
        events_until(viewer, StepDone)
        assert viewer.close(PATIENCE)

    attach()
    wait_until(lambda: not run.recorder._door._server._links, "the door keeps a viewer")  # type: ignore[union-attr]
    process = psutil.Process()
    descriptors, threads = process.num_fds(), set(threading.enumerate())
    for _ in range(20):
        attach()
    # descriptors and threads of earlier tests may disappear meanwhile
    wait_until(lambda: process.num_fds() <= descriptors, process.open_files)
    wait_until(lambda: set(threading.enumerate()) <= threads, threading.enumerate)


def test_the_next_session_is_joined(run: OpenRun, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lost_run, "PATIENCE", 20.0)
    viewer = opened(run.run_dir)
    run.take_steps(3)
    events = events_until(viewer, StepDone, 3)
    # As after SIGKILL: the log holds no end
    log = run.recorder._recorder._log
    assert log is not None
    log._events.flush()
    log._lock.release()
    door = run.recorder._door
    assert door._server is not None
    door._server._feed.ended = True
    door._end()
    next_session = OpenRun(run.run_dir)
    try:
        events += events_until(viewer, Connection)
        while not events[-1].connected:  # type: ignore[attr-defined]
            events += events_until(viewer, Connection)
        assert "new session" in events[-1].text  # type: ignore[attr-defined]
        next_session.take_steps(1)
        events += events_until(viewer, StepDone, 1)
        assert viewer.close(PATIENCE)
    finally:
        next_session.end()
