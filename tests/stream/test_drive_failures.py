"""However a source or a sink fails, a run ends with one `Stopped`."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from queue import Queue, SimpleQueue

import pytest

from jem_tui.errors import DivergenceError, InputError, JemError
from jem_tui.events.commands import Command, Resume, Stop
from jem_tui.events.run import Event, Loading, StepDone, Wait
from jem_tui.stream.drive import Source, drive
from tests.stream.drive_sources import Counting, EmittedEvents, run
from tests.stream.stream_events import started, step_done


class Failing(Counting):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def events(self) -> Generator[Event | Wait, None, None]:
        yield started()
        yield step_done(1)
        raise self._error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (JemError("Bad.", "Try."), "failed"),
        (InputError("Bad.", "Try."), "refused"),
        (DivergenceError("Bad.", "Try."), "diverged"),
    ],
)
def test_an_explained_failure_ends_the_run_as_it_says(error: JemError, reason: str):
    emitted, stopped = run(Failing(error))
    assert (stopped.reason, stopped.error, stopped.details, stopped.step) == (reason, "Bad. Try.", "", 1)
    assert emitted[-1] is stopped


def test_an_unexpected_failure_is_a_sentence_and_a_traceback():
    _, stopped = run(Failing(ZeroDivisionError("by zero")))
    assert stopped.reason == "failed"
    assert stopped.error == "Unexpected ZeroDivisionError: by zero."
    assert "Traceback" in stopped.details and "in events" in stopped.details


def test_loading_is_reported_and_may_fail():
    commands: Queue[Command] = Queue()
    emitted = EmittedEvents(commands)

    def open_source(report: Callable[[str, float | None], None]) -> Source:
        report("downloading", 0.5)
        raise InputError("No network.")

    stopped = drive(open_source, emitted, commands, now=lambda: 5.0)
    assert emitted[0] == Loading(step=0, images=0, time=5.0, text="downloading", fraction=0.5)
    assert (stopped.reason, stopped.error) == ("refused", "No network.")


def test_a_failing_sink_ends_the_run_and_still_receives_stopped():
    source, commands, emitted = Counting(), Queue(), []

    def sink(event: Event) -> None:
        emitted.append(event)
        if isinstance(event, StepDone):
            raise JemError("Disk full.")

    stopped = drive(lambda report: source, sink, commands)
    assert (stopped.reason, stopped.error, stopped.step) == ("failed", "Disk full.", 1)
    assert emitted[-1] is stopped
    assert source.closed


def test_a_stop_while_loading_begins_no_run_and_saves_nothing():
    commands: Queue[Command] = Queue()
    emitted: list[Event] = []

    def load(report: Callable[[str, float | None], None]) -> Counting:
        report("reading", 0.1)
        commands.put(Stop(save=True, reason="interrupted"))
        report("reading", 0.2)
        raise AssertionError("it continued")

    stopped = drive(load, emitted.append, commands)
    assert [type(event).__name__ for event in emitted] == ["Loading", "Stopped"]
    assert (stopped.reason, stopped.error) == ("interrupted", "")


def test_a_stop_before_the_first_event_saves_nothing():
    source = Counting(3)
    commands: SimpleQueue[Command] = SimpleQueue()
    commands.put(Stop(save=True))
    emitted: list[Event] = []
    drive(lambda report: source, emitted.append, commands)
    assert [type(event).__name__ for event in emitted] == ["Stopped"]
    assert source.applied == []


def test_a_signal_handler_may_stop_a_run_at_any_moment():
    """With a `Queue` this hangs as soon as a signal lands while its lock is held."""
    commands: SimpleQueue[Command] = SimpleQueue()
    before = signal.signal(signal.SIGALRM, lambda number, frame: commands.put(Resume()))
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        stopped = drive(lambda report: Counting(3000), lambda event: None, commands)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert stopped.reason == "finished"
