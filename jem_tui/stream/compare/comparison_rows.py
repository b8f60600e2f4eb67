"""Rows of a comparison: settings whose values differ between runs, and metrics with the better runs marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE
from jem_tui.json_values import plain
from jem_tui.number_text import names_fraction, numeral, percent
from jem_tui.printable import printable
from jem_tui.stream.compare.better_direction import Direction, better_direction
from jem_tui.stream.compare.compared_log import ComparedLog
from jem_tui.stream.log_data.points import LoggedPoints

ABSENT = "–"
"""Text of a setting or metric that a run does not have."""
NO_DIFFERENCE = "All settings at the start are equal."
_MAIN = (ACCURACY, XE, TOTAL, NRG)
"""Metrics of every training run, after the scores of evaluations."""
_OF_BATCHES = "JEM/"
"""Start of the tags of metrics of single batches."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting whose values differ."""

    name: str
    values: tuple[Any, ...]
    """JSON values, one for each run; None where a run does not have the setting."""
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MetricRow:
    """The last values of one metric, one for each run."""

    tag: str
    better: Direction | None
    points: tuple[LoggedPoints | None, ...]
    """The points as logged; None where a run does not log the metric."""
    best: frozenset[int]
    """Indices of the runs with the best last value; empty if the direction is unknown or the values do not differ."""

    @property
    def marked(self) -> frozenset[int]:
        """The best runs as tables mark them: none for a metric of training, whose last value is that of a single batch."""
        return frozenset() if self.tag.startswith(_OF_BATCHES) else self.best

    @property
    def values(self) -> tuple[float | None, ...]:
        """The last values: those of the largest step."""
        return tuple(None if points is None else points.last[1] for points in self.points)

    @property
    def texts(self) -> tuple[str, ...]:
        """The last values with all digits of the log."""
        fraction = names_fraction(self.tag) and all(value is None or 0 <= value <= 1 for value in self.values)
        return tuple(
            ABSENT if value is None else percent(value) if fraction else numeral(value) for value in self.values
        )


def differing_settings(runs: Sequence[ComparedLog]) -> list[SettingRow]:
    """Return the settings that not all runs with settings have in common, in the order of the first run."""
    names = dict.fromkeys(name for run in runs for name in run.settings)
    stated = [run.settings for run in runs if run.settings]
    rows = []
    for name in names:
        values = [plain(settings[name]) if name in settings else _Absent for settings in stated]
        if any(value is _Absent or value != values[0] for value in values):
            rows.append(_setting_row(name, runs))
    return rows


def equal_settings(runs: Sequence[ComparedLog]) -> str:
    """Return the sentence for runs without differing settings, of which some can have no settings at all."""
    stated = sum(bool(run.settings) for run in runs)
    if stated < 2:
        return "There are no settings to compare: " + ("no run has any." if not stated else "only one run has any.")
    return (
        NO_DIFFERENCE
        if stated == len(runs)
        else f"All settings at the start of the {stated} runs that have any are equal."
    )


class _Absent:
    """The value of a setting that a run does not have, which equals no other value."""


def _setting_row(name: str, runs: Sequence[ComparedLog]) -> SettingRow:
    values = tuple(plain(run.settings.get(name)) for run in runs)
    texts = tuple(_text(run.settings[name]) if name in run.settings else ABSENT for run in runs)
    return SettingRow(printable(name), values, texts)


def _text(value: Any) -> str:
    """Return a setting as people write it; empty text as quotes."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, float):
        return numeral(value)
    return printable(str(plain(value))) or '""'


def metric_rows(runs: Sequence[ComparedLog]) -> list[MetricRow]:
    """Return a row for every metric of any run: scores of evaluations, then the main metrics, then all others as logged."""
    tags = dict.fromkeys(tag for run in runs for tag, points in run.points.items() if len(points))
    return [_metric_row(tag, runs) for tag in sorted(tags, key=_rank)]


def _rank(tag: str) -> int:
    """Return the group of a metric in the order of the rows."""
    if tag in _MAIN:
        return 1 + _MAIN.index(tag)
    return 0 if better_direction(tag) and not tag.startswith(_OF_BATCHES) else 1 + len(_MAIN)


def _metric_row(tag: str, runs: Sequence[ComparedLog]) -> MetricRow:
    found = (run.points.get(tag) for run in runs)
    points = tuple(each if each is not None and len(each) else None for each in found)
    better = better_direction(tag)
    last = [None if each is None else each.last[1] for each in points]
    return MetricRow(tag, better, points, best_of(last, better))


def best_of(values: Sequence[float | None], better: Direction | None) -> frozenset[int]:
    """Return the indices of the best values; none without a direction, and none if all finite values are equal."""
    finite = {at: value for at, value in enumerate(values) if value is not None and math.isfinite(value)}
    if better is None or len(set(finite.values())) < 2:
        return frozenset()
    target = max(finite.values()) if better == "higher" else min(finite.values())
    return frozenset(at for at, value in finite.items() if value == target)
