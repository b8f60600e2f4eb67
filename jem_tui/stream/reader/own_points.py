"""The scalars of a run of this program, taken from its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from jem_tui.events.run import Assessed, Evaluated, Rewound, StepDone
from jem_tui.printable import printable
from jem_tui.stream.log_data.entries import Item
from jem_tui.stream.log_data.points import Points, end_to_end
from jem_tui.stream.log_data.step_table import StepRows


def own_points(items: Sequence[Item]) -> tuple[dict[str, Points], int]:
    """Return the points that are not void, by tag, and how many points are void since the run went back."""
    limits = _limits(items)
    parts: dict[str, list[Points]] = defaultdict(list)
    void = 0
    before: Points | None = None
    for item, limit in zip(items, limits, strict=True):
        for tag, points in _points(item):
            within = points.images <= limit if points.images is not None else np.ones(len(points), np.bool_)
            kept = points if within.all() else points[within]
            void += len(points) - len(kept)
            if len(kept):
                before = kept.like(before)
                parts[printable(tag)].append(before)
    return {tag: end_to_end(each) for tag, each in parts.items()}, void


def _limits(items: Sequence[Item]) -> list[int]:
    """Return for each item the largest number of images that no later `Rewound` makes void."""
    limits: list[int] = []
    limit = int(np.iinfo(np.int64).max)
    for item in reversed(items):
        limits.append(limit)
        if isinstance(item, Rewound):
            limit = min(limit, item.images)
    return limits[::-1]


def _points(item: Item) -> Iterator[tuple[str, Points]]:
    match item:
        case StepRows():
            for tag, (rows, values) in item.metrics.items():
                at = slice(None) if rows is None else rows
                yield tag, Points(item.steps[at], item.times[at], values, item.seen[at])
        case StepDone(metrics=numbers):
            yield from _of_event(item, numbers)
        case Evaluated(split=split, scores=scores):
            yield from _of_event(item, {f"{split}/{name}": score for name, score in scores.items()})
        case Assessed(split=split, auroc=found):
            yield from _of_event(item, {f"{split}/auroc/{name}": value for name, value in found.items()})


def _of_event(item: StepDone | Evaluated | Assessed, numbers: Mapping[str, float]) -> Iterator[tuple[str, Points]]:
    """Yield the numbers in single precision, as the file's scalars hold them."""
    step, images = np.array([item.step], np.int64), np.array([item.images], np.int64)
    time = np.array([item.time], np.float64)
    for tag, number in numbers.items():
        with np.errstate(over="ignore"):
            value = np.array([number], np.float32).astype(np.float64)
        yield tag, Points(step, time, value, images)
