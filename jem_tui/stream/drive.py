"""The loop that iterates a source, passes its events to a sink, and applies commands in between.

A paused source is not iterated, a single step iterates until the next `StepDone`, and stopping closes the iterator. Sources
contain no code for any of this; `RunControl` has the rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from typing import NamedTuple, Protocol

from jem_tui.errors import JemError, Reason
from jem_tui.events.commands import Command
from jem_tui.events.run import Event, Loading, ReportProgress, Stopped, Wait
from jem_tui.stream.run_control import Commands as Commands
from jem_tui.stream.run_control import RunControl
from jem_tui.stream.run_control import Sink as Sink

WORKER_NAME = "jem-source"
"""Name of the thread that drives a source under the screen."""


class _StoppedWhileLoading(Exception):  # noqa: N818
    """A request to stop that arrived before the run began."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Source(Protocol):
    """An emitter of events: a trainer or a replayer."""

    def events(self) -> Generator[Event | Wait, None, None]:
        """Yield the events of the run; closing the generator ends the run."""
        ...

    def apply(self, command: Command) -> Iterable[Event]:
        """Apply a command between two steps, and return the events that result."""
        ...


OpenSource = Callable[[ReportProgress], Source]
"""A function that builds the source on the thread that will own it."""


class Ending(NamedTuple):
    """The last event of a run, and the exception that ended it."""

    stopped: Stopped
    failure: Exception | None


def drive(open_source: OpenSource, sink: Sink, commands: Commands, now: Callable[[], float] = time.time) -> Stopped:
    """Build the source, iterate it to its end, and return the `Stopped` that was also the sink's last event.

    Every exception ends the run as `Stopped("failed")` or with the reason of its `JemError`. No exception is raised.
    """
    driven = drive_by_event(open_source, sink, commands, now)
    while True:
        try:
            next(driven)
        except StopIteration as end:
            ending: Ending = end.value
            return ending.stopped


def drive_by_event(
    open_source: OpenSource, sink: Sink, commands: Commands, now: Callable[[], float] = time.time
) -> Generator[None, None, Ending]:
    """Drive a source as `drive` does, and yield after each event, so that a caller can do something else in between."""
    control = RunControl(sink, commands, now)

    def report(text: str, fraction: float | None = None) -> None:
        stop = control.requested_stop()
        if stop is not None:
            raise _StoppedWhileLoading(stop.reason)
        sink(Loading(step=0, images=0, time=now(), text=text, fraction=fraction))

    failure: Exception | None = None
    try:
        reason = yield from _iterate(open_source(report), control)
        stopped = control.stopped(reason)
    except JemError as error:
        stopped, failure = control.stopped(error.reason, str(error), error.details), error
    except _StoppedWhileLoading as stop:
        stopped = control.stopped(stop.reason)
    except Exception as error:
        stopped, failure = control.failed(error), error
    return Ending(control.finish(stopped), failure)


def _iterate(source: Source, control: RunControl) -> Generator[None, None, Reason]:
    """Iterate a source under `control` to its end or to a `Stop`, and return the reason for the end."""
    with closing(source.events()) as events:
        while True:
            stop = control.apply_pending(source.apply)
            if stop is not None:
                return stop.reason
            event = next(events, None)
            if event is None:
                return "finished"
            if isinstance(event, Wait):
                control.wait(event.seconds)
            else:
                control.forward(event)
                yield
