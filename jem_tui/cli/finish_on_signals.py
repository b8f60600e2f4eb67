"""Signals during a run without a screen: the first lets the run save and end, and says so; a further one ends the process."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from types import FrameType

from jem_tui.api.leading_rank import LeadingRank
from jem_tui.events.commands import Command, Stop
from jem_tui.events.run import Event, RunStarted
from jem_tui.signals import AT_ONCE, HURRYING, leave_at_once
from jem_tui.stream.drive import Sink
from jem_tui.stream.fan_out import StreamSink, is_writable

SAVING = b"jem-tui: Saving a checkpoint. Press Ctrl-C again to quit immediately.\n"
SAVING_TOGETHER = b"jem-tui: Saving a checkpoint if all ranks still run. Press Ctrl-C again to quit immediately.\n"
STOPPING = b"jem-tui: Stopping. Press Ctrl-C again to quit immediately.\n"


class StopNotice:
    """A sink that knows from the events of a run what a signal can announce, and passes them on."""

    def __init__(self, sink: Sink, lead: LeadingRank | None) -> None:
        """Prepare for a run that `sink` records; `lead` opens a run on several ranks."""
        self._sink = sink
        self._lead = lead
        self._begun = False

    def __call__(self, event: Event) -> None:
        self._begun = self._begun or isinstance(event, RunStarted)
        self._sink(event)

    def text(self) -> bytes:
        """Return what a first signal prints: a checkpoint is saved only of a run that has begun, and only if no rank is lost."""
        if not self._begun or (self._lead is not None and self._lead.disconnected):
            return STOPPING
        return SAVING if self._lead is None else SAVING_TOGETHER


class Finishing:
    """A signal handler that lets a run save and end after the current step. A second Ctrl-C or SIGTERM ends the process at once."""

    def __init__(
        self,
        commands: SimpleQueue[Command],
        abandon: Callable[[], None],
        outlets: Sequence[StreamSink] = (),
        same_within: float = 0.0,
        notice: Callable[[], bytes] = lambda: SAVING,
    ) -> None:
        """Prepare a handler. A signal that follows within `same_within` seconds is taken for the first one.

        `notice` returns the line that the first signal prints.
        """
        self._commands = commands
        self._abandon = abandon
        self._outlets = outlets
        self._asked = False
        self._hurried = False
        self._same_within = same_within
        self._notice = notice
        self._first = math.inf

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self._first = min(self._first, time.monotonic())
        repeated = self._hurried and time.monotonic() - self._first >= self._same_within
        if (repeated and number in HURRYING) or number in AT_ONCE:
            try:
                self._abandon()
            finally:
                leave_at_once(number)
        self._hurried = self._hurried or number in HURRYING
        if self._asked:
            return
        self._asked = True
        self._commands.put(Stop(save=True, reason="interrupted"))
        _write_now(self._notice())
        for outlet in self._outlets:
            outlet.abort_blocked_write()


def _write_now(text: bytes) -> None:
    """Write to stderr from a signal handler: past the buffer, which may be in use, and only if the write does not block."""
    with suppress(OSError):
        if is_writable(sys.stderr, 0.0):
            os.write(2, text)
