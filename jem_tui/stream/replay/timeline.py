"""The order of emission of a recording: its steps as a table, and all other entries between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.recording import Health, Mark, Picture, Points
from jem_tui.events.run import At, Event, Note, Paused, Resumed, Rewound, RunStarted
from jem_tui.stream.log_data.entries import DeferredEvent, Entry, newest_of_each_kind, resolve, skipped_samples
from jem_tui.stream.log_data.step_table import StepTable

MAX_GAP = 2.0
"""Longest recorded gap in seconds between two events that a replay waits for; pauses and interruptions are shortened to it."""
_IN_PLACE = (Rewound, Paused, Resumed, RunStarted)
"""Entries that change what later steps amount to."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Timeline:
    """All entries after a recording's start in the order of emission.

    A position counts the emitted entries: each step, and each other entry.
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
        """Combine steps with other entries; `after` holds, for each of `others`, the number of steps before it, ascending.

        `foreign` is True for a log of another program; `pictures` are the tags of its images, the preferred one first.
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
        """Positions of the entries other than steps."""
        self._clocks: dict[float, Floats] = {}

    def __len__(self) -> int:
        return len(self.steps) + len(self.others)

    @cached_property
    def order(self) -> Ints:
        """The optimizer step of every entry."""
        return self._merged(self.steps.steps, np.array([entry.step for entry in self.others], dtype=np.int64))

    @cached_property
    def kinds(self) -> frozenset[type[Event]]:
        """Kinds of the entries other than steps."""
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
        """Unix seconds of every entry."""
        return self._merged(self.steps.times, np.array([entry.time for entry in self.others], dtype=np.float64))

    def clock(self, longest_gap: float) -> Floats:
        """Return the seconds from the start to every entry, with all gaps between 0 and `longest_gap`."""
        if longest_gap not in self._clocks:
            with np.errstate(over="ignore", invalid="ignore"):
                gaps = np.diff(self.times, prepend=self.started.time)
            gaps[~np.isfinite(gaps)] = 0.0
            self._clocks[longest_gap] = np.cumsum(np.clip(gaps, 0.0, longest_gap))
        return self._clocks[longest_gap]

    def position_after(self, step: int) -> int:
        """Return the position after the last time that `step` was emitted: after a rollback, steps are emitted again."""
        within = self.order <= step
        return len(self) - int(np.argmax(within[::-1])) if within.any() else 0

    @property
    def first_step(self) -> int:
        return int(self.order.min()) if len(self) else self.started.step

    @property
    def last_step(self) -> int:
        return int(self.order.max()) if len(self) else self.started.step

    def note_texts(self, position: int) -> list[str]:
        """Return the texts of the notes before a position."""
        return [entry.text for entry in self.others_before(position) if isinstance(entry, Note)]

    def others_before(self, position: int) -> Sequence[Entry]:
        """Return the entries other than steps before a position."""
        return self.others[: int(np.searchsorted(self._places, position))]

    def points(self) -> dict[str, Points]:
        """Return all metrics of the recording without void points."""
        counts = self._valid_rows()
        return self.steps.points if counts.all() else self.steps.points_where(counts)

    def emit(self, start: int, stop: int, picture: str = "") -> Iterator[Event]:
        """Yield the entries between two positions in few events: steps together, then the entries between them.

        Skips images that later ones replace, and images of foreign logs whose tag is not `picture`. Rollbacks, pauses and
        session starts keep their places among the steps.
        """
        first, last = (int(at) for at in np.searchsorted(self._places, (start, stop)))
        row, between = start - first, list[Entry]()
        others = [entry for entry in self.others[first:last] if not _is_hidden(entry, picture)]
        newest = newest_of_each_kind(others)
        for entry, place in zip(self.others[first:last], self._rows[first:last].tolist(), strict=True):
            if isinstance(entry, _IN_PLACE):
                yield from self._part(row, row := place, between, newest)
                yield entry
                between = []
            elif not _is_hidden(entry, picture):
                between.append(entry)
        yield from self._part(row, stop - last, between, newest)

    def _part(self, start: int, stop: int, between: Sequence[Entry], newest: set[int]) -> Iterator[Event]:
        """Yield the steps between two rows as one event, then the entries between them, of deferred ones only the `newest`."""
        skipped = {id(entry) for entry in between if isinstance(entry, DeferredEvent)} - newest
        yield from self.steps.batch(start, stop)
        yield from skipped_samples(entry for entry in between if id(entry) in skipped)
        yield from resolve(entry for entry in between if id(entry) not in skipped)

    def _valid_rows(self) -> NDArray[np.bool_]:
        """Select the rows that no later rollback makes void, as a mask of shape (n,)."""
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
    """Return whether an entry is an image of a tag that is not displayed."""
    return isinstance(entry, DeferredEvent) and entry.kind is Picture and entry.tag != picture
