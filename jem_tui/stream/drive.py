"""The loop that iterates a source, passes its events to a sink, and applies commands in between.

A paused source is not iterated, a single step iterates until the next `StepDone`, and stopping closes the iterator. Sources
contain no code for any of this.
"""

from __future__ import annotations

import math
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, suppress
from queue import Empty, Queue, SimpleQueue
from typing import Protocol

from jem_tui.errors import JemError, Reason
from jem_tui.events.commands import Advance, Command, Pause, Resume, SaveNow, Stop
from jem_tui.events.run import (
    At,
    Event,
    Loading,
    Paused,
    ReportProgress,
    Resumed,
    RunStarted,
    Sampling,
    StepDone,
    Stopped,
    Wait,
)

WORKER_NAME = "jem-source"
"""Name of the thread that drives a source under the screen."""

Sink = Callable[[Event], None]
Commands = SimpleQueue[Command] | Queue[Command]
"""A queue of commands. Signal handlers must use a `SimpleQueue`: a `Queue` that is being read would deadlock."""


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


def drive(open_source: OpenSource, sink: Sink, commands: Commands, now: Callable[[], float] = time.time) -> Stopped:
    """Build the source, iterate it to its end, and return the `Stopped` that was also the sink's last event.

    Every exception ends the run as `Stopped("failed")` or with the reason of its `JemError`. No exception is raised.
    """
    driver = _Driver(sink, commands, now)
    try:
        stopped = driver.stopped(driver.run(open_source(driver.report)))
    except JemError as error:
        stopped = driver.stopped(error.reason, str(error))
    except _StoppedWhileLoading as stop:
        stopped = driver.stopped(stop.reason)
    except Exception as error:
        stopped = driver.failed(error)
    return driver.finish(stopped)


class _Driver:
    """State of one `drive`: position of the source, pause, and pending commands."""

    def __init__(self, sink: Sink, commands: Commands, now: Callable[[], float]) -> None:
        self._sink = sink
        self._queue = commands
        self._now = now
        self._pending: deque[Command] = deque()
        self._steps_allowed: int | None = None
        """Steps that a paused source may still take; None while the run is not paused."""
        self._mid_step = False
        self._begun = False
        """Whether the source has emitted an event; commands other than `Stop` wait for the first one."""
        self._started = False
        self._step = 0
        self._images = 0

    def report(self, text: str, fraction: float | None = None) -> None:
        self._drain_queue()
        stop = next((c for c in self._pending if isinstance(c, Stop)), None)
        if stop is not None:
            raise _StoppedWhileLoading(stop.reason)
        self._sink(Loading(step=0, images=0, time=self._now(), text=text, fraction=fraction))

    def stopped(self, reason: Reason, error: str = "", details: str = "") -> Stopped:
        return Stopped(**self._at().fields(), reason=reason, error=error, details=details)

    def failed(self, error: Exception) -> Stopped:
        """Return the end of a run that an unexpected exception has ended."""
        sentence = f"Unexpected {type(error).__name__}: {str(error) or 'no message'}."
        return self.stopped("failed", sentence, traceback.format_exc())

    def finish(self, stopped: Stopped) -> Stopped:
        """Pass the last event to the sink; a sink that fails on it must not hide how the run ended."""
        try:
            self._sink(stopped)
        except JemError as error:
            if not stopped.error:
                return self.stopped(error.reason, str(error))
        except Exception as error:
            if not stopped.error:
                return self.failed(error)
        return stopped

    def run(self, source: Source) -> Reason:
        with closing(source.events()) as events:
            while True:
                stop = self._apply_pending(source)
                if stop is not None:
                    return stop.reason
                event = next(events, None)
                if event is None:
                    return "finished"
                if isinstance(event, Wait):
                    self._wait(event.seconds)
                else:
                    self._forward(event)

    def _forward(self, event: Event) -> None:
        self._step, self._images = event.step, event.images
        self._begun = True
        self._mid_step = isinstance(event, Sampling)
        self._started = self._started or isinstance(event, RunStarted)
        if isinstance(event, StepDone) and self._steps_allowed is not None:
            self._steps_allowed = max(0, self._steps_allowed - 1)
        self._sink(event)

    def _wait(self, seconds: float) -> None:
        """Wait for the source's next event or for a command; a single step waits only if no event will ever follow."""
        if math.isinf(seconds):
            self._pending.append(self._queue.get())
        elif self._steps_allowed is None and seconds > 0:
            with suppress(Empty):
                self._pending.append(self._queue.get(timeout=seconds))

    def _apply_pending(self, source: Source) -> Stop | None:
        """Apply the pending commands, and return a `Stop` that is due. Blocks while paused."""
        self._drain_queue()
        if not self._begun:
            return next((c for c in self._pending if isinstance(c, Stop)), None)
        if self._mid_step:
            return next((c for c in self._pending if isinstance(c, Stop) and not c.save), None)
        while True:
            while self._pending:
                command = self._pending.popleft()
                if isinstance(command, Stop):
                    if command.save and self._started:
                        self._apply(source, SaveNow())
                    return command
                self._control(source, command)
            if self._steps_allowed != 0:
                return None
            self._pending.append(self._queue.get())

    def _drain_queue(self) -> None:
        while True:
            try:
                self._pending.append(self._queue.get_nowait())
            except Empty:
                return

    def _control(self, source: Source, command: Command) -> None:
        match command:
            case Pause():
                self._pause()
            case Resume():
                self._resume()
            case Advance(steps=steps):
                self._pause()
                self._steps_allowed = (self._steps_allowed or 0) + steps
            case _:
                self._apply(source, command)

    def _apply(self, source: Source, command: Command) -> None:
        for event in source.apply(command):
            self._forward(event)

    def _at(self) -> At:
        return At(self._step, self._images, self._now())

    def _pause(self) -> None:
        if self._steps_allowed is None:
            self._steps_allowed = 0
            self._sink(Paused(**self._at().fields()))

    def _resume(self) -> None:
        if self._steps_allowed is not None:
            self._steps_allowed = None
            self._sink(Resumed(**self._at().fields()))
