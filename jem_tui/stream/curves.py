"""What a summary needs of a run, in bounded memory."""

from __future__ import annotations

import math
from typing import NamedTuple

from jem_tui.events import Evaluated, Event, Rewound, RunStarted, Samples, StepDone, Stopped

MAX_POINTS = 240
"""Points of a curve that is printed."""


class Point(NamedTuple):
    """Mean position (training images) and mean value over some neighbouring steps."""

    images: float
    value: float


class Curve:
    """Means over stretches of equal length, which doubles whenever there are too many; values not finite are left out."""

    def __init__(self) -> None:
        self._points: list[Point] = []
        self._stretch = 1
        self._open: list[Point] = []

    def add(self, images: int, value: float) -> None:
        """Append one step."""
        if not math.isfinite(value):
            return
        self._open.append(Point(images, value))
        if len(self._open) < self._stretch:
            return
        self._points.append(_mean(self._open))
        self._open.clear()
        if len(self._points) == 2 * MAX_POINTS - 2:  # one point is left for the open stretch
            self._points = _halved(self._points)
            self._stretch *= 2

    def cut(self, images: int) -> None:
        """Forget what lies beyond so many images."""
        self._points = [point for point in self._points if point.images <= images]
        self._open = [point for point in self._open if point.images <= images]

    def points(self) -> list[Point]:
        """At most `MAX_POINTS` means, in order of images; the last stretch may be shorter."""
        points = _halved(self._points) if len(self._points) >= MAX_POINTS else list(self._points)
        return [*points, _mean(self._open)] if self._open else points


class CurveCollector:
    """A sink that keeps the curves and the newest of everything else; a start from step 0 forgets what came before."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.started: RunStarted | None = None
        self.curves: dict[str, Curve] = {}
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
                    self.curves.setdefault(tag, Curve()).add(event.images, value)
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
    count = len(points)
    return Point(sum(p.images for p in points) / count, sum(p.value for p in points) / count)
