"""Many steps of a recording as columns of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.run import At, StepDone

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Readings(NamedTuple):
    """Values of one metric, and the rows that have one, ascending; None: all of them."""

    rows: Ints | None
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class StepRows:
    """At least one step, as they were told: arrays of shape (n,)."""

    steps: Ints
    seen: Ints
    """Training images."""
    times: Floats
    """Unix seconds."""
    epochs: Ints
    metrics: Mapping[str, Readings]

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, part: slice) -> StepRows:
        start, stop, _ = part.indices(len(self))
        metrics = {tag: _between(readings, start, stop) for tag, readings in self.metrics.items()}
        part = slice(start, stop)
        return StepRows(self.steps[part], self.seen[part], self.times[part], self.epochs[part], metrics)

    @property
    def step(self) -> int:
        """Of the last one."""
        return int(self.steps[-1])

    @property
    def images(self) -> int:
        """Of the last one."""
        return int(self.seen[-1])

    @property
    def time(self) -> float:
        """Of the last one."""
        return float(self.times[-1])

    @property
    def at(self) -> At:
        """The moment of the last step."""
        return At(self.step, self.images, self.time)

    @classmethod
    def of(cls, told: Sequence[StepDone]) -> StepRows:
        """The same as columns."""
        tags = dict.fromkeys(tag for step in told for tag in step.metrics)
        rows = {tag: np.array([row for row, step in enumerate(told) if tag in step.metrics]) for tag in tags}
        values = {tag: np.array([told[row].metrics[tag] for row in rows[tag].tolist()], np.float64) for tag in tags}
        return cls(
            np.array([step.step for step in told], np.int64),
            np.array([step.images for step in told], np.int64),
            np.array([step.time for step in told], np.float64),
            np.array([step.epoch for step in told], np.int64),
            {tag: Readings(None if len(rows[tag]) == len(told) else rows[tag], values[tag]) for tag in tags},
        )

    def events(self) -> Iterator[StepDone]:
        """The steps one by one."""
        metrics: list[dict[str, float]] = [{} for _ in range(len(self))]
        for tag, (rows, values) in self.metrics.items():
            at = range(len(self)) if rows is None else rows.tolist()
            for row, value in zip(at, values.tolist(), strict=True):
                metrics[row][tag] = value
        columns = (self.steps.tolist(), self.seen.tolist(), self.times.tolist(), self.epochs.tolist(), metrics)
        for step, images, time, epoch, numbers in zip(*columns, strict=True):
            yield StepDone(step=step, images=images, time=time, epoch=epoch, metrics=numbers)

    def reaching(self, step: int) -> StepRows | None:
        """Up to the last one that is no later than `step`; None if there is none."""
        within = np.flatnonzero(self.steps <= step)
        return self[: int(within[-1]) + 1] if len(within) else None


def joined(parts: Sequence[StepRows]) -> StepRows:
    """One after the other; a metric has the rows of those that have it."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *map(len, parts)]).tolist()
    having: dict[str, list[tuple[int, int, Readings]]] = {}
    for start, part in zip(starts, parts, strict=False):
        for tag, readings in part.metrics.items():
            having.setdefault(tag, []).append((start, len(part), readings))
    return StepRows(
        _end_to_end([part.steps for part in parts], np.int64),
        _end_to_end([part.seen for part in parts], np.int64),
        _end_to_end([part.times for part in parts], np.float64),
        _end_to_end([part.epochs for part in parts], np.int64),
        {tag: _readings(each, starts[-1]) for tag, each in having.items()},
    )


def _readings(having: Sequence[tuple[int, int, Readings]], count: int) -> Readings:
    """Return the readings of one tag, each with the row at which its steps start and how many steps it belongs to."""
    values = _end_to_end([readings.values for _, _, readings in having], np.float64)
    if len(values) == count:
        return Readings(None, values)
    rows = [start + (np.arange(n) if readings.rows is None else readings.rows) for start, n, readings in having]
    return Readings(_end_to_end(rows, np.int64), values)


def _between(readings: Readings, start: int, stop: int) -> Readings:
    if readings.rows is None:
        return Readings(None, readings.values[start:stop])
    first, last = np.searchsorted(readings.rows, (start, stop)).tolist()
    rows = readings.rows[first:last] - start
    return Readings(None if len(rows) == stop - start else rows, readings.values[first:last])


def _end_to_end(arrays: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0, kind)
