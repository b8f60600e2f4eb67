"""Points of a foreign log, aligned as the steps of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.log_data.step_table import Column, StepTable

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def as_steps(curves: Mapping[str, LoggedPoints]) -> StepTable | None:
    """Return one row for each TensorBoard step, ascending, several where a tag has several values at a step; None without points.

    Steps are renumbered from 1; TensorBoard's steps become `images`. The time of a row is the latest of its points, limited by
    the times of the later rows: a summary of step 0 that was written last would otherwise hold back the clock of a replay.
    """
    points = {tag: each.in_order() for tag, each in curves.items() if len(each)}
    if not points:
        return None
    rows = _side_by_side(points)
    if any(points[tag] is not curves[tag] for tag in points):
        return replace(rows, times=np.minimum.accumulate(rows.times[::-1])[::-1])
    return rows


def _side_by_side(points: Mapping[str, LoggedPoints]) -> StepTable:
    first, *others = points.values()
    if all(each.step is first.step for each in others):
        different = {id(each.wall_time): each.wall_time for each in points.values()}
        times = reduce(np.fmax, different.values())
        return _rows(first.step, times, {tag: Column(None, each.value) for tag, each in points.items()})
    seen, rows = _aligned([each.step for each in points.values()])
    times = np.full(len(seen), -np.inf)
    for own, each in zip(rows, points.values(), strict=True):
        np.fmax.at(times, own, each.wall_time)
    readings = (
        Column(None if len(own) == len(seen) else own, each.value)
        for own, each in zip(rows, points.values(), strict=True)
    )
    return _rows(seen, times, dict(zip(points, readings, strict=True)))


def _rows(seen: Ints, times: Floats, metrics: Mapping[str, Column]) -> StepTable:
    count = len(seen)
    steps, epochs = np.arange(1, count + 1), np.ones(count, np.int64)
    return StepTable(steps, seen, np.where(np.isfinite(times), times, 0.0), epochs, metrics)


def _aligned(columns: list[Ints]) -> tuple[Ints, list[Ints]]:
    """Return the steps of all columns, each as often as in the column that has it most often, and the rows of each column."""
    steps = np.concatenate(columns)
    repeats = np.concatenate([np.arange(len(column)) - np.searchsorted(column, column) for column in columns])
    # a stable sort of columns that ascend merges them, which is faster
    order = np.lexsort((repeats, steps)) if repeats.any() else np.argsort(steps, kind="stable")
    ordered, again = steps[order], repeats[order]
    new = np.concatenate([[True], (np.diff(ordered) != 0) | (np.diff(again) != 0)])
    rows = np.empty(len(steps), np.int64)
    rows[order] = np.cumsum(new) - 1
    return ordered[new], np.split(rows, np.cumsum([len(column) for column in columns])[:-1])
