"""What a summary needs of a run, in bounded memory."""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.run import Evaluated, Event, Rewound, RunStarted, Samples, StepDone, Stopped
from jem_tui.stream.log_data.step_table import StepTable

MAX_POINTS = 240
"""LoggedPoints of a curve that is printed."""
REMEMBERED = 1024
"""Newest values that are kept as they are: how far a rewind can go back without losing the final value."""


class Point(NamedTuple):
    """Mean position (training images) and mean value over some neighbouring steps."""

    images: float
    value: float


class DownsampledCurve:
    """Means over stretches of equal length, which doubles whenever there are too many; and the newest values as they are."""

    def __init__(self) -> None:
        self.count = 0
        """Values, finite or not."""
        self.not_finite = 0
        """Values that are NaN or infinite, which no mean includes."""
        self.low, self.high = math.inf, -math.inf
        """Bounds of the finite values."""
        self.last_finite: Point | None = None
        self.span: tuple[float, float] | None = None
        """Places of the first and the last value, finite or not."""
        self._newest: deque[Point] = deque(maxlen=REMEMBERED)
        self._points: list[Point] = []
        self._stretch = 1
        self._open: list[Point] = []

    @classmethod
    def of(cls, images: NDArray[np.int64], values: NDArray[np.float64]) -> Self:
        """Build the curve of a whole recording from arrays of shape (n,), in the order in which they are drawn."""
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
            while -(-len(what) // curve._stretch) > MAX_POINTS:
                curve._stretch *= 2
            curve._points = list(map(Point, _means(where, curve._stretch), _means(what, curve._stretch)))
        return curve

    @property
    def last(self) -> float | None:
        """The newest value as it was logged; None where there is none, or a rewind went back too far to know."""
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
        if len(self._open) < self._stretch:
            return
        self._points.append(_mean(self._open))
        self._open.clear()
        if len(self._points) == 2 * MAX_POINTS - 2:  # one point is left for the open stretch
            self._points = _halved(self._points)
            self._stretch *= 2

    def cut(self, images: int) -> None:
        """Forget what lies beyond so many images."""
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
        """At most `MAX_POINTS` means, in order of images; the last stretch may be shorter."""
        points = _halved(self._points) if len(self._points) >= MAX_POINTS else list(self._points)
        return [*points, _mean(self._open)] if self._open else points


class CurveCollector:
    """A sink that keeps the curves and the newest of everything else; a start from step 0 forgets what came before."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.foreign = False
        """Another program wrote the log, whose own steps are all that is known of how far it came."""
        self.last_logged: int | None = None
        """The largest step of another program's log."""
        self.started: RunStarted | None = None
        self.curves: dict[str, DownsampledCurve] = {}
        self.evaluations: dict[str, Evaluated] = {}
        """The newest of each split."""
        self.last_step: StepDone | None = None
        self.samples: Samples | None = None
        self.stopped: Stopped | None = None
        self.seconds = 0.0
        """Time covered by events, without the breaks between a stop and a resumption."""
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
                    curve.cut(event.images)
            case Evaluated(split=split):
                self.evaluations[split] = event
            case Samples(requested=False):
                self.samples = event
            case Stopped():
                self.stopped = event
        self._count_seconds(event)

    def skip(self, rows: StepTable) -> None:
        """Count the steps of a recording, whose curves come from elsewhere."""
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
    """Return the mean, divided before adding: the sum of the largest numbers would overflow."""
    count = len(points)
    return Point(sum(p.images / count for p in points), sum(p.value / count for p in points))


def _means(numbers: NDArray[np.float64], stretch: int) -> list[float]:
    """Return the means over stretches of so many numbers; the last stretch may be shorter."""
    starts = np.arange(0, len(numbers), stretch)
    lengths = np.diff(np.append(starts, len(numbers)))
    means: list[float] = np.add.reduceat(numbers / np.repeat(lengths, lengths), starts).tolist()
    return means
