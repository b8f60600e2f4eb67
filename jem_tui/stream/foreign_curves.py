"""Scalars of foreign logs: points in any order, told as the steps of a run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jem_tui.stream.step_rows import Readings, StepRows

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


MOST_RETURNS = 16
"""To earlier steps that are told of."""


class Points(NamedTuple):
    """Points of one tag, arrays of shape (n,)."""

    places: Ints
    """Where in the log they were written: larger is later."""
    steps: Ints
    times: Floats
    """Unix seconds."""
    values: Floats

    def like(self, other: Points | None) -> Points:
        """The same, with the other's arrays of steps and times where they are equal: those of most tags are."""
        if other is None:
            return self
        return self._replace(steps=_shared(self.steps, other.steps), times=_shared(self.times, other.times))

    def where(self, part: NDArray[np.bool_] | NDArray[np.intp]) -> Points:
        """Those that are true, or at these places."""
        return Points(self.places[part], self.steps[part], self.times[part], self.values[part])


class ForeignCurve:
    """Collects the points of one tag."""

    def __init__(self) -> None:
        self._parts: list[Points] = []
        self._single: list[tuple[int, int, float, float]] = []
        self._last = -1
        """The largest place of what came in order, of which no more than that needs to be kept."""
        self.returns: dict[int, float] = {}
        """Steps that the curve went back to, what it had told from there on being void, and when."""

    def add(self, place: int, step: int, time: float, value: float) -> None:
        """Take in one point."""
        self._single.append((place, step, time, value))
        self._last = max(self._last, place)

    def extend(self, points: Points) -> None:
        """Take in many, in the order in which they were written."""
        if points.places[0] > self._last:
            self._last = int(points.places[-1])
            points = points._replace(places=np.broadcast_to(points.places[-1], points.places.shape))
        self._parts.append(points)

    def points(self, like: Points | None = None) -> Points:
        """In the order in which they were written; steps never decrease: a restarted run overwrites what it does again.

        Steps and times that are equal to those of `like` are the same arrays.
        """
        found = self._all()
        if (np.diff(found.places) < 0).any():
            found = found.where(np.argsort(found.places, kind="stable"))
        kept = found.steps <= np.minimum.accumulate(found.steps[::-1])[::-1]
        if not kept.all():
            back = 1 + np.flatnonzero(np.diff(found.steps) < 0)[-MOST_RETURNS:]
            self.returns |= zip(found.steps[back].tolist(), found.times[back].tolist(), strict=True)
            found = found.where(kept)
        last = np.broadcast_to(found.places[-1:].max(initial=0), found.places.shape)
        found = found.like(like)._replace(places=last)
        self._parts, self._single = [found], []
        return found

    def _all(self) -> Points:
        """What was taken in, of which all that comes later has larger places."""
        if len(self._parts) == 1 and not self._single:
            return self._parts[0]
        places, steps, times, values = zip(*self._single, strict=True) if self._single else ((), (), (), ())
        single = Points(
            np.array(places, np.int64),
            np.array(steps, np.int64),
            np.array(times, np.float64),
            np.array(values, np.float64),
        )
        parts = [*self._parts, single]
        return Points(
            np.concatenate([part.places for part in parts]),
            np.concatenate([part.steps for part in parts]),
            np.concatenate([part.times for part in parts]),
            np.concatenate([part.values for part in parts]),
        )


def _shared(own: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """The other one if both are equal."""
    return other if own.shape == other.shape and bool((own == other).all()) else own


def as_steps(curves: Mapping[str, ForeignCurve]) -> StepRows | None:
    """One row for each TensorBoard step, more where a tag has several values at the same step; None without any.

    The steps are counted anew, from 1; TensorBoard's are in `seen`. A row's time is the latest of its points.
    """
    points: dict[str, Points] = {}
    for tag, curve in curves.items():
        points[tag] = curve.points(next(iter(points.values()), None))
    if not points:
        return None
    first, *others = points.values()
    if all(each.steps is first.steps for each in others):
        different = {id(each.times): each.times for each in points.values()}
        times = reduce(np.maximum, different.values())
        return _rows(first.steps, times, {tag: Readings(None, each.values) for tag, each in points.items()})
    seen, rows = _aligned([each.steps for each in points.values()])
    times = np.full(len(seen), -np.inf)
    for own, each in zip(rows, points.values(), strict=True):
        np.maximum.at(times, own, each.times)
    readings = (
        Readings(None if len(own) == len(seen) else own, each.values)
        for own, each in zip(rows, points.values(), strict=True)
    )
    return _rows(seen, times, dict(zip(points, readings, strict=True)))


def _rows(seen: Ints, times: Floats, metrics: Mapping[str, Readings]) -> StepRows:
    count = len(seen)
    return StepRows(np.arange(1, count + 1), seen, times, np.ones(count, np.int64), metrics)


def _aligned(columns: list[Ints]) -> tuple[Ints, list[Ints]]:
    """The steps of all columns, each as often as in the one that has it most often, and the rows of each column among them."""
    steps = np.concatenate(columns)
    repeats = np.concatenate([np.arange(len(column)) - np.searchsorted(column, column) for column in columns])
    order = np.lexsort((repeats, steps))
    ordered, again = steps[order], repeats[order]
    new = np.concatenate([[True], (np.diff(ordered) != 0) | (np.diff(again) != 0)])
    rows = np.empty(len(steps), np.int64)
    rows[order] = np.cumsum(new) - 1
    return ordered[new], np.split(rows, np.cumsum([len(column) for column in columns])[:-1])
