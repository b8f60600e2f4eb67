"""Scalars of foreign logs: the points of a tag, added in any order, without those that a restart made void."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jem_tui.stream.log_data.points import LoggedPoints, end_to_end
from jem_tui.stream.log_data.restarts import NEVER, Restarts

Ints = NDArray[np.int64]
MOST_RETURNS = 16
"""Restarts of a tag whose steps are kept."""


class Segment(NamedTuple):
    """Points of one part of a log, in the order of writing, between two places of the log."""

    first: int
    last: int
    points: LoggedPoints
    behind: NDArray[np.int32] | Ints | None = None
    """Distance of each point from the first one in bytes, while other points may lie between them."""

    def places(self) -> Ints:
        """Return the place of each point in the log."""
        if self.behind is None:
            return np.full(len(self.points), self.last)
        return self.first + self.behind.astype(np.int64)


class SinglePoint(NamedTuple):
    """One point with its place in the log."""

    place: int
    step: int
    time: float
    value: float


class ForeignCurve:
    """A collector of the points of one tag."""

    def __init__(self, restarts: Restarts) -> None:
        self._restarts = restarts
        self._segments: list[Segment] = []
        self._single: list[SinglePoint] = []
        self.replaced = 0
        """Points that a restart has made void."""
        self.returns: dict[int, float] = {}
        """Steps and times of the later attempts that made points void."""

    def add(self, point: SinglePoint) -> None:
        """Add one point."""
        self._single.append(point)

    def extend(self, places: Ints, points: LoggedPoints) -> None:
        """Add many points, in the order of writing."""
        bounds = self._restarts.bounds(int(places[0]), int(places[-1]))
        cuts = [0, *np.searchsorted(places, bounds).tolist(), len(places)]
        for start, stop in pairwise(cuts):
            if stop > start:
                first, last = int(places[start]), int(places[stop - 1])
                behind = (places[start:stop] - first).astype(np.int32)
                self._segments.append(Segment(first, last, points[start:stop], behind))

    def points(self, like: LoggedPoints | None = None) -> LoggedPoints:
        """Return the points that are not void; arrays that equal an array of `like` are shared with it."""
        parts = self._by_part()
        found = end_to_end([segment.points for _, segment in parts]).like(like)
        ends = np.cumsum([len(segment.points) for _, segment in parts]).tolist()
        pieces = [found[start:stop] for start, stop in pairwise([0, *ends])]
        self._single = []
        self._segments = [
            Segment(segment.first, segment.last, piece) for (_, segment), piece in zip(parts, pieces, strict=True)
        ]
        numbers = [number for number, _ in parts]
        limits = self._restarts.limits(numbers, [int(piece.step[0]) for piece in pieces])
        return self._without_void(found, pieces, limits)

    def _without_void(self, found: LoggedPoints, pieces: Sequence[LoggedPoints], limits: Sequence[int]) -> LoggedPoints:
        kept = [piece.step < limit if limit < NEVER else None for piece, limit in zip(pieces, limits, strict=True)]
        void = [0 if each is None else int(np.count_nonzero(~each)) for each in kept]
        self.replaced = sum(void)
        if not self.replaced:
            return found
        self.returns = {
            limits[number]: _began(limits[number], pieces[number + 1 :])
            for number in np.flatnonzero(void)[-MOST_RETURNS:].tolist()
        }
        return end_to_end([piece if mask is None else piece[mask] for piece, mask in zip(pieces, kept, strict=True)])

    def _by_part(self) -> list[tuple[int, Segment]]:
        """Return all points, as one segment for each part of the log."""
        parts: dict[int, list[Segment]] = defaultdict(list)
        for segment in self._segments:
            parts[self._restarts.part_at(segment.first)].append(segment)
        for number, singles in groupby(sorted(self._single), lambda point: self._restarts.part_at(point.place)):
            parts[number].append(_segment(list(singles)))
        return [(number, _joined(parts[number])) for number in sorted(parts)]


def _began(limit: int, later: Sequence[LoggedPoints]) -> float:
    """Return the time at which the attempt that voids points from `limit` on began: that of its first point, if it has one."""
    return next((float(piece.wall_time[0]) for piece in later if piece.step[0] >= limit), math.nan)


def _segment(singles: Sequence[SinglePoint]) -> Segment:
    places, steps, times, values = zip(*singles, strict=True)
    points = LoggedPoints(np.array(steps, np.int64), np.array(times, np.float64), np.array(values, np.float64))
    return Segment(places[0], places[-1], points, np.array(places, np.int64) - places[0])


def _joined(segments: Sequence[Segment]) -> Segment:
    """Return points of one part in the order of writing."""
    in_order = sorted(segments, key=lambda segment: segment.first)
    first, last = in_order[0].first, max(each.last for each in in_order)
    points = end_to_end([each.points for each in in_order])
    if all(before.last < after.first for before, after in pairwise(in_order)):
        return Segment(first, last, points)
    places = np.concatenate([each.places() for each in in_order])
    return Segment(first, last, points[np.argsort(places, kind="stable")])
