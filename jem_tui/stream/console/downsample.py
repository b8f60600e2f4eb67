"""A sink that condenses a run for its summary, in bounded memory."""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.run import Evaluated, Event, RankStates, Rewound, RunStarted, Samples, StepDone, Stopped
from jem_tui.stream.log_data.step_table import StepTable

MAX_POINTS = 240
"""Points of a printed curve."""
REMEMBERED = 1024
"""Newest values that are kept exactly: how far a rollback can reach without losing the final value."""


class Point(NamedTuple):
    """Mean position (training images) and mean value over some neighbouring steps."""

    images: float
    value: float


class DownsampledCurve:
    """A curve as means over segments of equal length, which doubles whenever there are too many; and its newest values."""

    def __init__(self) -> None:
        self.count = 0
        """Number of values, finite or not."""
        self.not_finite = 0
        """Number of NaN or infinite values, which no mean includes."""
        self.low, self.high = math.inf, -math.inf
        """Bounds of the finite values."""
        self.last_finite: Point | None = None
        self.span: tuple[float, float] | None = None
        """Positions of the first and the last value, finite or not."""
        self._newest: deque[Point] = deque(maxlen=REMEMBERED)
        self._points: list[Point] = []
        self._segment = 1
        self._open: list[Point] = []

    @classmethod
    def of(cls, images: NDArray[np.int64], values: NDArray[np.float64]) -> Self:
        """Build a curve from arrays of shape (n,), in the order of drawing."""
        curve = cls()
        finite = np.isfinite(values)
        curve.count, curve.not_finite = len(values), int((~finite).sum())
        curve._newest.extend(map(Point, images[-1:].tolist(), values[-1:].tolist()))
        if len(images):
            curve.span = float(images[0]), float(images[-1])
        if finite.any():
            where, what = images[finite].astype(np.float64), values[finite]
            curve.low, curve.high = float(what.min()), float(what.max())
            curve.last_finite = Point(float(where[-1]), float(what[-1]))
            while -(-len(what) // curve._segment) > MAX_POINTS:
                curve._segment *= 2
            curve._points = list(map(Point, _means(where, curve._segment), _means(what, curve._segment)))
        return curve

    @property
    def last(self) -> float | None:
        """The newest value as logged; None without values, or after a rollback beyond the kept values."""
        return self._newest[-1].value if self._newest else None

    def add(self, images: int, value: float) -> None:
        """Append one step."""
        point = Point(images, value)
        self.count += 1
        self._newest.append(point)
        self.span = (images if self.span is None else self.span[0], images)
        if not math.isfinite(value):
            self.not_finite += 1
            return
        self.low, self.high, self.last_finite = min(self.low, value), max(self.high, value), point
        self._open.append(point)
        if len(self._open) < self._segment:
            return
        self._points.append(_mean(self._open))
        self._open.clear()
        # One point is left for the open segment
        if len(self._points) == 2 * MAX_POINTS - 2:
            self._points = _halved(self._points)
            self._segment *= 2

    def truncate_after(self, images: int) -> None:
        """Remove the values after `images` images."""
        while self._newest and self._newest[-1].images > images:
            void = self._newest.pop()
            self.count -= 1
            self.not_finite -= not math.isfinite(void.value)
        if self.span is not None:
            self.span = self.span[0], max(self.span[0], min(self.span[1], images))
        self._points = [point for point in self._points if point.images <= images]
        self._open = [point for point in self._open if point.images <= images]
        self.last_finite = next((point for point in reversed(self._newest) if math.isfinite(point.value)), None)

    def points(self) -> list[Point]:
        """Return at most `MAX_POINTS` means in the order of images; the last segment may be shorter."""
        points = _halved(self._points) if len(self._points) >= MAX_POINTS else list(self._points)
        return [*points, _mean(self._open)] if self._open else points


class CurveCollector:
    """A sink that keeps the curves and the newest event of every other kind; a start from step 0 resets it."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.foreign = False
        """True if another program wrote the log, whose steps are then the only measure of progress."""
        self.last_logged: int | None = None
        """The largest step of a foreign log."""
        self.started: RunStarted | None = None
        self.curves: dict[str, DownsampledCurve] = {}
        self.evaluations: dict[str, Evaluated] = {}
        """The newest evaluation of each split."""
        self.last_step: StepDone | None = None
        self.samples: Samples | None = None
        self.ranks: RankStates | None = None
        self.stopped: Stopped | None = None
        self.seconds = 0.0
        """Seconds covered by events, without the time between a stop and a resumption."""
        self._previous: Event | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._start(event)
            case StepDone():
                self.last_step = event
                for tag, value in event.metrics.items():
                    self.curves.setdefault(tag, DownsampledCurve()).add(event.images, value)
            case Rewound():
                for curve in self.curves.values():
                    curve.truncate_after(event.images)
            case Evaluated(split=split):
                self.evaluations[split] = event
            case Samples(requested=False):
                self.samples = event
            case RankStates():
                self.ranks = event
            case Stopped():
                self.stopped = event
        self._count_seconds(event)

    def skip(self, rows: StepTable) -> None:
        """Count the steps of a table without adding them to the curves."""
        self._count_seconds(next(rows[:1].events()))
        self.last_step = next(rows[len(rows) - 1 :].events())
        with np.errstate(over="ignore", invalid="ignore"):
            self.seconds += float(np.clip(np.diff(rows.times), 0.0, None).sum())
        self._previous = self.last_step

    def _start(self, event: RunStarted) -> None:
        if event.step == 0:
            self._forget()
        self.started = event

    def _count_seconds(self, event: Event) -> None:
        if self.started is None:
            return
        if self._previous is not None and not isinstance(event, RunStarted):
            self.seconds += max(0.0, event.time - self._previous.time)
        self._previous = event


def _halved(points: list[Point]) -> list[Point]:
    return [_mean(points[start : start + 2]) for start in range(0, len(points), 2)]


def _mean(points: list[Point]) -> Point:
    """Return the mean, dividing before adding so that the sum of the largest numbers does not overflow."""
    count = len(points)
    return Point(sum(p.images / count for p in points), sum(p.value / count for p in points))


def _means(numbers: NDArray[np.float64], segment: int) -> list[float]:
    """Return the means over segments of equal length; the last segment may be shorter."""
    starts = np.arange(0, len(numbers), segment)
    lengths = np.diff(np.append(starts, len(numbers)))
    means: list[float] = np.add.reduceat(numbers / np.repeat(lengths, lengths), starts).tolist()
    return means
