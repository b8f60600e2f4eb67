"""Steps of a recording as arrays: the form in which a log is read, kept and replayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.recording import Points, StepBatch
from jem_tui.events.run import At, StepDone

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Column(NamedTuple):
    """Values of one metric, and the rows that have a value, ascending; None: all rows."""

    rows: Ints | None
    values: Floats

    def span(self, start: int, stop: int) -> slice:
        """Find the values of the rows from `start` up to `stop`."""
        if self.rows is None:
            return slice(start, stop)
        first, last = np.searchsorted(self.rows, (start, stop)).tolist()
        return slice(first, last)

    def value(self, row: int) -> float | None:
        """Return the value of a row, None where the row has no value."""
        found = self.values[self.span(row, row + 1)]
        return float(found[0]) if len(found) else None


@dataclass(frozen=True, eq=False)
class StepTable:
    """Steps in the order in which they were recorded, arrays of shape (n,); after a rollback, earlier steps follow."""

    steps: Ints
    images: Ints
    """Training images seen."""
    times: Floats
    """Unix seconds."""
    epochs: Ints
    metrics: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, part: slice) -> StepTable:
        start, stop, _ = part.indices(len(self))
        metrics = {tag: _between(column, start, stop) for tag, column in self.metrics.items()}
        part = slice(start, stop)
        return StepTable(self.steps[part], self.images[part], self.times[part], self.epochs[part], metrics)

    @property
    def step(self) -> int:
        """The last optimizer step."""
        return int(self.steps[-1])

    @property
    def time(self) -> float:
        """Unix seconds of the last step."""
        return float(self.times[-1])

    @property
    def at(self) -> At:
        """The moment of the last step."""
        return self.at_row(len(self) - 1)

    def at_row(self, row: int) -> At:
        """Return the moment of one step."""
        return At(int(self.steps[row]), int(self.images[row]), float(self.times[row]))

    @cached_property
    def points(self) -> dict[str, Points]:
        """Every metric with the steps that have a value; metrics of all steps share the arrays of the table."""
        return {tag: self._points(column) for tag, column in self.metrics.items()}

    def points_where(self, mask: NDArray[np.bool_]) -> dict[str, Points]:
        """Return every metric at the rows that a mask of shape (n,) selects."""
        columns = self.metrics.items()
        return {tag: self.points[tag][mask if rows is None else mask[rows]] for tag, (rows, _) in columns}

    @classmethod
    def of(cls, steps: Sequence[StepDone]) -> StepTable:
        """Convert events to arrays."""
        tags = dict.fromkeys(tag for step in steps for tag in step.metrics)
        rows = {tag: np.array([row for row, step in enumerate(steps) if tag in step.metrics]) for tag in tags}
        values = {tag: np.array([steps[row].metrics[tag] for row in rows[tag].tolist()], np.float64) for tag in tags}
        return cls(
            np.array([step.step for step in steps], np.int64),
            np.array([step.images for step in steps], np.int64),
            np.array([step.time for step in steps], np.float64),
            np.array([step.epoch for step in steps], np.int64),
            {tag: Column(None if len(rows[tag]) == len(steps) else rows[tag], values[tag]) for tag in tags},
        )

    def events(self) -> Iterator[StepDone]:
        """Yield one event for each step."""
        metrics: list[dict[str, float]] = [{} for _ in range(len(self))]
        for tag, (rows, values) in self.metrics.items():
            at = range(len(self)) if rows is None else rows.tolist()
            for row, value in zip(at, values.tolist(), strict=True):
                metrics[row][tag] = value
        columns = (self.steps.tolist(), self.images.tolist(), self.times.tolist(), self.epochs.tolist(), metrics)
        for step, images, time, epoch, numbers in zip(*columns, strict=True):
            yield StepDone(step=step, images=images, time=time, epoch=epoch, metrics=numbers)

    def batch(self, start: int, stop: int) -> Iterator[StepDone | StepBatch]:
        """Yield the rows from `start` up to `stop` as one event, or nothing where there are none."""
        if stop <= start:
            return
        last, epoch = self.at_row(stop - 1).fields(), int(self.epochs[stop - 1])
        values = {tag: column.value(stop - 1) for tag, column in self.metrics.items()}
        metrics = {tag: value for tag, value in values.items() if value is not None}
        if stop - start == 1:
            yield StepDone(**last, epoch=epoch, metrics=metrics)
            return
        points = {tag: self.points[tag][column.span(start, stop)] for tag, column in self.metrics.items()}
        logged = {tag: part for tag, part in points.items() if len(part)}
        yield StepBatch(**last, epoch=epoch, metrics=metrics, points=logged)

    def up_to(self, step: int) -> StepTable | None:
        """Return the rows up to the last one that is no later than `step`; None where there is none."""
        within = np.flatnonzero(self.steps <= step)
        return self[: int(within[-1]) + 1] if len(within) else None

    def _points(self, column: Column) -> Points:
        if column.rows is None:
            return Points(self.steps, self.images, self.times, column.values)
        return Points(self.steps[column.rows], self.images[column.rows], self.times[column.rows], column.values)


def joined(parts: Sequence[StepTable]) -> StepTable:
    """Concatenate tables; a metric has the rows of the tables that have it."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *map(len, parts)]).tolist()
    having: dict[str, list[tuple[int, int, Column]]] = {}
    for start, part in zip(starts, parts, strict=False):
        for tag, column in part.metrics.items():
            having.setdefault(tag, []).append((start, len(part), column))
    return StepTable(
        _end_to_end([part.steps for part in parts], np.int64),
        _end_to_end([part.images for part in parts], np.int64),
        _end_to_end([part.times for part in parts], np.float64),
        _end_to_end([part.epochs for part in parts], np.int64),
        {tag: _joined_column(each, starts[-1]) for tag, each in having.items()},
    )


def _joined_column(having: Sequence[tuple[int, int, Column]], count: int) -> Column:
    """Concatenate the columns of one tag, each given with the first row and the length of its table."""
    values = _end_to_end([column.values for _, _, column in having], np.float64)
    if len(values) == count:
        return Column(None, values)
    rows = [start + (np.arange(n) if column.rows is None else column.rows) for start, n, column in having]
    return Column(_end_to_end(rows, np.int64), values)


def _between(column: Column, start: int, stop: int) -> Column:
    span = column.span(start, stop)
    if column.rows is None:
        return Column(None, column.values[span])
    rows = column.rows[span] - start
    return Column(None if len(rows) == stop - start else rows, column.values[span])


def _end_to_end(arrays: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0, kind)
