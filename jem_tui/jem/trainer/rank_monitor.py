"""Supervision of the ranks of a run: comparison of their events, and the state of each rank as an event."""

from __future__ import annotations

import math
import socket
import time
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

import psutil
import torch

from jem_tui.errors import JemError
from jem_tui.events.rank_states import MOST_OF_NAME, RankStates
from jem_tui.events.run import At, Event, Sampling, StepDone, Wait
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.rank_row import RankNumbers

EVERY = 5.0
"""Seconds of training between two `RankStates` events."""
MEASURED_EVERY = 1.0
"""Seconds between two measurements of the memory."""
Method = TypeVar("Method", bound=Callable[..., Generator[Any, None, None]])


class RankMonitor:
    """Compares what the ranks of a run emit, and reports their states; in a run of one process it does nothing."""

    def __init__(self, learner: Learner, at: Callable[[], At], now: Callable[[], float] = time.perf_counter) -> None:
        self._learner, self._ranks, self._row = learner, learner.ranks, learner.rank_row
        self._at, self._now = at, now
        self._events = 0
        self._period = self._steps = 0
        self._seconds = self._waited_before = 0.0
        self._memory, self._memory_since = (0, 0), -math.inf

    def count(self, event: Event | Wait) -> None:
        """Add an event to the checksum, except progress inside a step, which depends on a rank's own time."""
        if not self._ranks.alone and not isinstance(event, Sampling):
            self._events = zlib.crc32(type(event).__name__.encode(), self._events)

    @contextmanager
    def step(self) -> Iterator[None]:
        """Measure an optimizer step, which is the body, and send the numbers of this rank with its metrics."""
        if self._ranks.alone:
            yield
            return
        begin = self._now()
        self._row.fill(self._numbers())
        yield
        self._seconds += self._now() - begin
        self._steps += 1

    def states(self) -> Iterator[RankStates]:
        """Yield the states of all ranks after a step if they are due, which depends on the seconds of all ranks.

        Raises JemError on all ranks if their events differ, because they then no longer take the same steps.
        """
        rows = self._row.latest
        if self._ranks.alone or not rows or rows[0].period != self._period:
            return
        different = [rank for rank, row in enumerate(rows) if row.events != rows[0].events]
        if different:
            raise JemError(
                f"Rank {different[0]} has emitted other events than rank 0 before step {self._at().step:,}.",
                "Use one version of jem-tui and of torch on all machines, and continue from the last checkpoint with --resume.",
            )
        if self._period == 0 or sum(row.seconds for row in rows) / len(rows) >= EVERY:
            self._begin_period()
            yield self._event(rows)

    def _begin_period(self) -> None:
        self._period, self._steps, self._seconds = self._period + 1, 0, 0.0
        self._waited_before = self._ranks.waiting.seconds

    def _numbers(self) -> RankNumbers:
        if self._now() - self._memory_since >= MEASURED_EVERY:
            self._memory, self._memory_since = memory_of(self._learner.buffer.x.device), self._now()
        return RankNumbers(
            period=self._period,
            steps=self._steps,
            seconds=self._seconds,
            waited=self._ranks.waiting.seconds - self._waited_before,
            pace=self._row.pace,
            memory=self._memory[0],
            memory_total=self._memory[1],
            events=self._events & 0xFFFFFF,
        )

    @cached_property
    def _names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the machines and of the devices of all ranks."""
        device = self._learner.buffer.x.device
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
        hosts, devices = (self._ranks.texts(text[:MOST_OF_NAME]) for text in (socket.gethostname(), name))
        return tuple(hosts), tuple(devices)

    def _event(self, rows: Sequence[RankNumbers]) -> RankStates:
        hosts, devices = self._names
        return RankStates(
            **self._at().fields(),
            hosts=hosts,
            devices=devices,
            images_per_second=tuple(self._speed(row) for row in rows),
            energy=tuple(row.energy if math.isfinite(row.energy) else math.nan for row in rows),
            waiting=tuple(min(1.0, row.waited / row.seconds) if row.seconds else math.nan for row in rows),
            memory=tuple(int(row.memory) for row in rows),
            memory_total=tuple(int(row.memory_total) for row in rows),
        )

    def _speed(self, row: RankNumbers) -> float:
        """Return the images per second of a rank, not counting the time in which it waits; NaN before its first step."""
        working = row.seconds - row.waited
        return row.steps * self._learner.batches.share / working if row.steps and working > 0 else math.nan


def memory_of(device: torch.device) -> tuple[int, int]:
    """Return the bytes in use and the total bytes of a GPU, or of this process and its machine; zeros if unknown."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return total - free, total
    try:
        return int(psutil.Process().memory_info().rss), int(psutil.virtual_memory().total)
    except (OSError, RuntimeError, psutil.Error):
        return 0, 0


def counted(method: Method) -> Method:
    """Return a generator method whose events the `monitor` of its object counts, with the states of the ranks after a step."""

    @wraps(method)
    def counting(self: Any, *given: Any) -> Generator[Any, None, None]:
        with closing(method(self, *given)) as events:
            for event in events:
                self.monitor.count(event)
                yield event
                if isinstance(event, StepDone):
                    yield from self.monitor.states()

    return cast(Method, counting)
