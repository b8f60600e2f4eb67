"""Position, pause and pending commands of one run, whoever owns its loop.

`drive` iterates a source between two calls of `RunControl`; the loop of another program makes the same calls itself.
"""

from __future__ import annotations

import math
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import Empty, Queue, SimpleQueue

from jem_tui.errors import JemError, Reason
from jem_tui.events.commands import Advance, Authored, Command, Pause, Resume, SaveNow, Stop
from jem_tui.events.describe import attribution
from jem_tui.events.run import At, Event, Note, Paused, Resumed, RunStarted, Sampling, StepDone, Stopped

Sink = Callable[[Event], None]
Commands = SimpleQueue[Command] | Queue[Command]
"""A queue of commands. Signal handlers must use a `SimpleQueue`: a `Queue` that is being read would deadlock."""
ApplyCommand = Callable[[Command], Iterable[Event]]
"""A function that applies a command between two steps, and returns the events that result."""


class RunControl:
    """A run's pause, position and pending commands: passes events to the sink, and applies commands between two steps."""

    def __init__(self, sink: Sink, commands: Commands, now: Callable[[], float] = time.time) -> None:
        self._sink = sink
        self._queue = commands
        self._now = now
        self._pending: deque[Authored] = deque()
        self._steps_allowed: int | None = None
        """Steps that a paused run may still take; None while the run is not paused."""
        self._mid_step = False
        self._begun = False
        """Whether an event was forwarded; commands other than `Stop` wait for the first one."""
        self._started = False
        self._step = 0
        self._images = 0

    @property
    def at(self) -> At:
        """The position of the run at the current time."""
        return At(self._step, self._images, self._now())

    def forward(self, event: Event) -> None:
        """Pass an event of the run to the sink, and advance the position."""
        self._step, self._images = event.step, event.images
        self._begun = True
        self._mid_step = isinstance(event, Sampling)
        self._started = self._started or isinstance(event, RunStarted)
        if isinstance(event, StepDone) and self._steps_allowed is not None:
            self._steps_allowed = max(0, self._steps_allowed - 1)
        self._sink(event)

    def apply_pending(self, apply: ApplyCommand) -> Stop | None:
        """Apply the pending commands, and return a `Stop` that is due. Blocks while paused."""
        self._drain_queue()
        if not self._begun:
            return self._pending_stop()
        if self._mid_step:
            return self._immediate_stop()
        while True:
            while self._pending:
                request = self._pending.popleft()
                self._attribute(request)
                if isinstance(request.command, Stop):
                    return self._saved(apply, request.command)
                self._control(apply, request.command)
            if self._steps_allowed != 0:
                return None
            self._enqueue(self._queue.get())

    def wait(self, seconds: float) -> None:
        """Wait for a command, at most `seconds`; a single step waits only if no event will ever follow (infinity)."""
        if math.isinf(seconds):
            self._enqueue(self._queue.get())
        elif self._steps_allowed is None and seconds > 0:
            with suppress(Empty):
                self._enqueue(self._queue.get(timeout=seconds))

    def requested_stop(self) -> Stop | None:
        """Return a `Stop` that is pending, without applying any command."""
        self._drain_queue()
        return self._pending_stop()

    def stopped(self, reason: Reason, error: str = "", details: str = "") -> Stopped:
        """Return the end of the run at its current position."""
        return Stopped(**self.at.fields(), reason=reason, error=error, details=details)

    def failed(self, error: BaseException) -> Stopped:
        """Return the end of a run that an unexpected exception has ended."""
        sentence = f"Unexpected {type(error).__name__}: {str(error) or 'no message'}."
        return self.stopped("failed", sentence, "".join(traceback.format_exception(error)))

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

    def _drain_queue(self) -> None:
        while True:
            try:
                self._enqueue(self._queue.get_nowait())
            except Empty:
                return

    def _enqueue(self, command: Command) -> None:
        self._pending.append(command if isinstance(command, Authored) else Authored(command=command, author=""))

    def _pending_stop(self) -> Stop | None:
        return next((request.command for request in self._pending if isinstance(request.command, Stop)), None)

    def _immediate_stop(self) -> Stop | None:
        """Return a pending `Stop` that does not wait for the end of the step."""
        for request in self._pending:
            if isinstance(request.command, Stop) and not request.command.save:
                self._attribute(request)
                return request.command
        return None

    def _saved(self, apply: ApplyCommand, stop: Stop) -> Stop:
        """Save the checkpoint of a `Stop` that asks for one, and return the command."""
        if stop.save and self._started:
            self._forward_all(apply(SaveNow()))
        return stop

    def _attribute(self, request: Authored) -> None:
        """Emit a note that names the author of a command, unless the command changes nothing."""
        paused = self._steps_allowed is not None
        unchanged = isinstance(request.command, Pause if paused else Resume)
        text = "" if unchanged else attribution(request)
        if text:
            self._sink(Note(**self.at.fields(), text=text))

    def _control(self, apply: ApplyCommand, command: Command) -> None:
        match command:
            case Pause():
                self._pause()
            case Resume():
                self._resume()
            case Advance(steps=steps):
                self._pause()
                self._steps_allowed = (self._steps_allowed or 0) + steps
            case _:
                self._forward_all(apply(command))

    def _forward_all(self, events: Iterable[Event]) -> None:
        for event in events:
            self.forward(event)

    def _pause(self) -> None:
        if self._steps_allowed is None:
            self._steps_allowed = 0
            self._sink(Paused(**self.at.fields()))

    def _resume(self) -> None:
        if self._steps_allowed is not None:
            self._steps_allowed = None
            self._sink(Resumed(**self.at.fields()))
