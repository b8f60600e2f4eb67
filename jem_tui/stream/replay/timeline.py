"""A recording laid out for playing: its steps as columns of numbers, everything else between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.recording import Health, Mark, Picture, Points
from jem_tui.events.run import At, Event, Note, Rewound, RunStarted
from jem_tui.stream.log_data.entries import DeferredEvent, Entry, resolve, skipped_samples, without_replaced
from jem_tui.stream.log_data.step_table import StepTable

MAX_GAP = 2.0
"""Recorded seconds between two events that are waited for at most: pauses and interruptions are cut short."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Timeline:
    """Everything that follows a recording's start, in the order in which it was told.

    A position counts what has been told, steps and other entries together.
    """

    def __init__(
        self,
        started: RunStarted,
        steps: StepTable,
        others: Sequence[Entry],
        after: Ints,
        marks: Sequence[Mark] = (),
        health: Health | None = None,
        *,
        foreign: bool = False,
        pictures: Sequence[str] = (),
    ) -> None:
        """`after` holds for each of `others` how many steps lie before it, ascending.

        `foreign` says that another program wrote the log, `pictures` are the tags of its pictures, the chief one first.
        """
        self.foreign = foreign
        self.pictures = tuple(pictures)
        self.started = started
        self.steps = steps
        self.marks = tuple(marks)
        self.health = health
        self.others = tuple(others)
        self._rows = after
        self._places = after + np.arange(len(others))
        """Positions of the others."""
        self._clocks: dict[float, Floats] = {}

    def __len__(self) -> int:
        return len(self.steps) + len(self.others)

    @cached_property
    def order(self) -> Ints:
        """The optimizer step of every entry."""
        return self._merged(self.steps.steps, np.array([entry.step for entry in self.others], dtype=np.int64))

    @cached_property
    def kinds(self) -> frozenset[type[Event]]:
        """Of the entries beside the steps."""
        kinds = (entry.kind if isinstance(entry, DeferredEvent) else type(entry) for entry in self.others)
        return frozenset(kind for kind in kinds if issubclass(kind, Event))

    def at(self, position: int) -> At:
        """Return the moment of the last entry before a position, or of the start."""
        if not position:
            return self.started.at
        before = int(np.searchsorted(self._places, position - 1))
        if before < len(self.others) and self._places[before] == position - 1:
            return self.others[before].at
        return self.steps.at_row(position - 1 - before)

    @property
    def times(self) -> Floats:
        """The Unix seconds of every entry."""
        return self._merged(self.steps.times, np.array([entry.time for entry in self.others], dtype=np.float64))

    def clock(self, longest_gap: float) -> Floats:
        """Seconds from the start to every entry, with no gap longer than `longest_gap` and none that goes back."""
        if longest_gap not in self._clocks:
            with np.errstate(over="ignore", invalid="ignore"):
                gaps = np.diff(self.times, prepend=self.started.time)
            gaps[~np.isfinite(gaps)] = 0.0
            self._clocks[longest_gap] = np.cumsum(np.clip(gaps, 0.0, longest_gap))
        return self._clocks[longest_gap]

    def reach(self, step: int) -> int:
        """The position at the end of `step` for good: after a rewind a step is told again, and the last one counts."""
        within = self.order <= step
        return len(self) - int(np.argmax(within[::-1])) if within.any() else 0

    @property
    def first_step(self) -> int:
        return int(self.order.min()) if len(self) else self.started.step

    @property
    def last_step(self) -> int:
        return int(self.order.max()) if len(self) else self.started.step

    def note_texts(self, position: int) -> list[str]:
        """The notes that were told before a position."""
        told = self.others[: int(np.searchsorted(self._places, position))]
        return [entry.text for entry in told if isinstance(entry, Note)]

    def points(self) -> dict[str, Points]:
        """All metrics over the whole recording, without what a rewind has made void."""
        counts = self._that_count()
        return self.steps.points if counts.all() else self.steps.points_where(counts)

    def emit(self, start: int, stop: int, picture: str = "") -> Iterator[Event]:
        """The entries from one position up to another in few events: steps together, then what was told between them.

        Pictures that are replaced on the way are left out, and those of another program whose tag is not `picture`. A rewind keeps its place among the steps.
        """
        first, last = (int(at) for at in np.searchsorted(self._places, (start, stop)))
        row = start - first
        waiting: list[Entry] = []
        kept = without_replaced([entry for entry in self.others[first:last] if not _is_hidden(entry, picture)])
        places = {
            id(entry): place for entry, place in zip(self.others[first:last], self._rows[first:last], strict=True)
        }
        for entry in kept:
            if isinstance(entry, Rewound):
                yield from self.steps.batch(row, row := int(places[id(entry)]))
                yield from resolve(waiting)
                yield entry
                waiting = []
            else:
                waiting.append(entry)
        yield from self.steps.batch(row, stop - last)
        yield from skipped_samples(self.others[first:last])
        yield from resolve(waiting)

    def _that_count(self) -> NDArray[np.bool_]:
        """For each row whether no later rewind takes it back."""
        counts = np.ones(len(self.steps), dtype=np.bool_)
        for entry, row in zip(self.others, self._rows, strict=True):
            if isinstance(entry, Rewound):
                counts[:row] &= self.steps.images[:row] <= entry.images
        return counts

    def _merged(self, rows: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
        if not len(others):
            return rows
        merged = np.empty(len(self), dtype=rows.dtype)
        merged[self._places] = others
        of_rows = np.ones(len(self), dtype=np.bool_)
        of_rows[self._places] = False
        merged[of_rows] = rows
        return merged


def _is_hidden(entry: Entry, picture: str) -> bool:
    """Return whether an entry is a picture of another tag than the one that is shown."""
    return isinstance(entry, DeferredEvent) and entry.kind is Picture and entry.tag != picture
