"""Scalars of a run of this program, taken from its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from jem_tui.events.run import Assessed, Evaluated, Rewound, StepDone
from jem_tui.printable import printable
from jem_tui.stream.log_data.entries import Entry
from jem_tui.stream.log_data.points import LoggedPoints, end_to_end
from jem_tui.stream.log_data.step_table import StepTable


class OwnPoints(Mapping[str, LoggedPoints]):
    """The valid points of a run by tag, collected at the first access: a screen takes the steps and needs no points."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Prepare the points of `entries`, which do not change afterwards."""
        self._entries = entries

    def __getitem__(self, tag: str) -> LoggedPoints:
        return self._collected[0][tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self._collected[0])

    def __len__(self) -> int:
        return len(self._collected[0])

    @property
    def void(self) -> int:
        """Number of points that rollbacks made void."""
        rolled_back = any(isinstance(entry, Rewound) for entry in self._entries)
        return self._collected[1] if rolled_back else 0

    @cached_property
    def _collected(self) -> tuple[dict[str, LoggedPoints], int]:
        return _collect(self._entries)


def _collect(entries: Sequence[Entry]) -> tuple[dict[str, LoggedPoints], int]:
    """Return the valid points by tag, and the number of points that rollbacks made void."""
    limits = rollback_limits(entries)
    parts: dict[str, list[LoggedPoints]] = defaultdict(list)
    void = 0
    before: LoggedPoints | None = None
    for entry, limit in zip(entries, limits, strict=True):
        for tag, points in _points(entry):
            within = points.images <= limit if points.images is not None else np.ones(len(points), np.bool_)
            kept = points if within.all() else points[within]
            void += len(points) - len(kept)
            if len(kept):
                before = kept.like(before)
                parts[printable(tag)].append(before)
    return {tag: end_to_end(each) for tag, each in parts.items()}, void


def rollback_limits(entries: Sequence[Entry]) -> list[int]:
    """Return for each entry the largest number of images that no later `Rewound` makes void."""
    limits: list[int] = []
    limit = int(np.iinfo(np.int64).max)
    for entry in reversed(entries):
        limits.append(limit)
        if isinstance(entry, Rewound):
            limit = min(limit, entry.images)
    return limits[::-1]


def _points(entry: Entry) -> Iterator[tuple[str, LoggedPoints]]:
    match entry:
        case StepTable():
            for tag, points in entry.points.items():
                yield tag, LoggedPoints(points.steps, points.times, points.values, points.images)
        case StepDone(metrics=numbers):
            yield from _of_event(entry, numbers)
        case Evaluated(split=split, scores=scores):
            yield from _of_event(entry, {f"{split}/{name}": score for name, score in scores.items()})
        case Assessed(split=split, auroc=found):
            yield from _of_event(entry, {f"{split}/auroc/{name}": value for name, value in found.items()})


def _of_event(
    entry: StepDone | Evaluated | Assessed, numbers: Mapping[str, float]
) -> Iterator[tuple[str, LoggedPoints]]:
    """Yield the numbers in single precision, as the file's scalars hold them."""
    step, images = np.array([entry.step], np.int64), np.array([entry.images], np.int64)
    time = np.array([entry.time], np.float64)
    for tag, number in numbers.items():
        with np.errstate(over="ignore"):
            value = np.array([number], np.float32).astype(np.float64)
        yield tag, LoggedPoints(step, time, value, images)
