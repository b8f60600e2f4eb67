"""The final numbers of a run as a table for people and as JSON for programs: last values, newest scores, length of the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.table import Table

from jem_tui.events.rank_states import RankStates
from jem_tui.json_values import plain
from jem_tui.number_text import names_fraction, numeral, percent, whole_percent
from jem_tui.printable import printable
from jem_tui.stream.console.downsample import CurveCollector, DownsampledCurve
from jem_tui.stream.console.text_plots import shortened
from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.reader.read_points import read_points

MOST_VALUES = 200
"""Maximum number of curves whose final value is printed."""
_GAP = 2
_SHORTEST, _LONGEST = 0.05, 1e10
"""Range of durations in seconds that are printed; a longer one comes from wrong clocks."""
_NARROWEST_NAME, _COMMENT = 12, 24
"""Minimum columns for names and for comments."""


def final_values(collector: CurveCollector, tags: Sequence[str], width: int) -> Table:
    """Arrange name, value and comment of each number within `width` columns; names are shortened before values."""
    rows = list(_rows(collector, tags[:MOST_VALUES]))
    values = max((cell_len(value) for _, value, _ in rows), default=0)
    comments = _COMMENT + _GAP if any(comment for _, _, comment in rows) else 0
    names = max(min(_NARROWEST_NAME, width - values - 2 * _GAP), width - values - 2 * _GAP - comments, 1)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for name, value, comment in rows:
        table.add_row(shortened(name, names), value, comment)
    return table


def _rows(collector: CurveCollector, tags: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for tag in tags:
        curve = collector.curves[tag]
        yield printable(tag), _value(tag, curve), _comment(curve)
    for split, evaluated in collector.evaluations.items():
        for name, score in evaluated.scores.items():
            yield printable(f"{split} {name}"), _score(name, score), ""
    yield from ((name, value, "") for name, value in _progress(collector))
    if collector.ranks is not None:
        yield from _ranks(collector.ranks)
    if collector.stopped is not None:
        yield "ended", collector.stopped.reason, ""


def _value(tag: str, curve: DownsampledCurve) -> str:
    if curve.last is None:
        return "unknown"
    is_fraction = names_fraction(tag) and curve.low >= 0 and curve.high <= 1
    return percent(curve.last) if is_fraction else numeral(curve.last)


def _score(name: str, score: float) -> str:
    """Return a score in single precision, as in its curve."""
    with np.errstate(over="ignore"):
        single = float(np.float32(score))
    return percent(single) if names_fraction(name) and 0 <= single <= 1 else numeral(single)


def _comment(curve: DownsampledCurve) -> str:
    """Return the number of non-finite values, and the last finite value."""
    if not curve.not_finite:
        return ""
    if curve.last_finite is None:
        return f"no value of {curve.count:,} is finite" if curve.count > 1 else "the only value is not finite"
    where, what = curve.last_finite
    verb = "is" if curve.not_finite == 1 else "are"
    return f"{curve.not_finite:,} of {curve.count:,} values {verb} not finite; the last finite one: {numeral(what)} at {where:.0f}"


def _progress(collector: CurveCollector) -> Iterator[tuple[str, str]]:
    last = collector.last_step
    if not collector.foreign:
        yield "steps", f"{last.step:,}" if last is not None else "0"
        if last is not None:
            yield "training images", f"{last.images:,}"
    elif collector.last_logged is not None:
        yield "last step", f"{collector.last_logged:,}"
    if _SHORTEST <= collector.seconds < _LONGEST:
        yield "seconds", f"{collector.seconds:,.1f}"


def _ranks(states: RankStates) -> Iterator[tuple[str, str, str]]:
    """Yield the number of ranks, and the slowest one with its share of waiting, at the end of a run on several ranks."""
    if states.size > 1:
        yield "ranks", f"{states.size:,}", ""
    if states.slowest is not None:
        yield "slowest rank", str(states.slowest), f"waits {whole_percent(states.waiting[states.slowest])} of the time"


def final_json(logdir: Path) -> dict[str, Any]:
    """Return the last point of every curve as logged, and the counts of what is left out. Raises InputError as `read_points`.

    Non-finite numbers become strings as in `plain`, since JSON has no such numbers.
    """
    log = read_points(logdir)
    curves = {tag: last_point(points) for tag, points in log.points.items() if len(points)}
    return {"path": str(logdir), "foreign": log.foreign, "curves": curves, "left_out": log.left_out.as_json()}


def last_point(points: LoggedPoints) -> dict[str, Any]:
    """Return the point of the largest step, the last written one where there are several, and counts over the whole curve."""
    last = points.in_order()[-1:]
    axes = {"step": last.step} if last.images is None else {"step": last.step, "images": last.images}
    numbers = {**axes, "wall_time": last.wall_time, "value": last.value}
    counts = {"points": len(points), "not_finite": int((~np.isfinite(points.value)).sum())}
    return {**{name: plain(array[0].item()) for name, array in numbers.items()}, **counts}
