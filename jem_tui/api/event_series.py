"""Recorded events with arrays that are read from the log one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from jem_tui.errors import JemError
from jem_tui.events.run import Event
from jem_tui.stream.log_data.entries import DeferredEvent

E = TypeVar("E", bound=Event)


class EventSeries(Sequence[E], Generic[E]):
    """Events of one kind in the order of recording; each access reads the event from its file, and none is kept in memory.

    `series[-1]` is the newest event, `series[::10]` the series of every tenth event. An access raises JemError if the file no longer
    exists or the event in it cannot be decoded.
    """

    def __init__(self, kind: type[E], entries: Sequence[DeferredEvent]) -> None:
        self._kind = kind
        self._entries = entries

    @property
    def steps(self) -> NDArray[np.int64]:
        """Optimizer steps of the events, shape (n,), known without reading the events."""
        return np.array([entry.step for entry in self._entries], np.int64)

    @property
    def images(self) -> NDArray[np.int64]:
        """Training images seen, shape (n,); in logs of other programs the steps that they logged."""
        return np.array([entry.images for entry in self._entries], np.int64)

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> E: ...
    @overload
    def __getitem__(self, index: slice) -> EventSeries[E]: ...
    def __getitem__(self, index: int | slice) -> E | EventSeries[E]:
        if isinstance(index, slice):
            return EventSeries(self._kind, self._entries[index])
        entry = self._entries[index]
        event = entry.load()
        if not isinstance(event, self._kind):
            what = self._kind.__name__
            raise JemError(
                f"The {what} of step {entry.step} in {entry.span.path} cannot be decoded.", "Skip this event."
            )
        return event

    def __repr__(self) -> str:
        return f"EventSeries({len(self):,} × {self._kind.__name__})"
