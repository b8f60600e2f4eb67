"""A comparison of runs as JSON for programs, as Markdown for reports, and as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jem_tui.stream.compare.adjusted_settings import ADJUSTED, adjusted_settings
from jem_tui.stream.compare.better_direction import Direction
from jem_tui.stream.compare.compared_log import ComparedLog
from jem_tui.stream.compare.comparison_rows import (
    MetricRow,
    SettingRow,
    differing_settings,
    equal_settings,
    metric_rows,
)
from jem_tui.stream.console.final_values import last_point
from jem_tui.stream.log_data.points import LoggedPoints

SCHEMA = 1
BEST = "*"
"""Mark of the best value in a row, in addition to its colour."""
MARKED = f"{BEST} marks the best last value where the name of a metric shows its better direction; values of single batches have no mark."
Rows = list[tuple[str, ...]]


def comparison_json(runs: Sequence[ComparedLog]) -> dict[str, Any]:
    """Return runs, differing and adjusted settings, and metrics; the values of a row are in the order of the runs."""
    return {
        "schema": SCHEMA,
        "runs": [_run_json(run) for run in runs],
        "settings": _settings_json(differing_settings(runs)),
        "adjusted": _settings_json(adjusted_settings(runs)),
        "metrics": [_metric_json(row) for row in metric_rows(runs)],
    }


def _settings_json(rows: Sequence[SettingRow]) -> list[dict[str, Any]]:
    return [{"name": row.name, "values": list(row.values)} for row in rows]


def _run_json(run: ComparedLog) -> dict[str, Any]:
    facts = {"name": run.name, "path": str(run.path), "state": run.state, "foreign": run.recording.foreign}
    return {**facts, "step": run.step, "left_out": run.recording.left_out.as_json()}


def _metric_json(row: MetricRow) -> dict[str, Any]:
    values = [None if points is None else _values_json(points, row.better) for points in row.points]
    return {"tag": row.tag, "better": row.better, "best": sorted(row.best), "values": values}


def _values_json(points: LoggedPoints, better: Direction | None) -> dict[str, Any]:
    """Return the last point, and the best one of the whole curve where the direction is known."""
    best = best_point(points, better)
    extreme = {} if best is None else {"best": {"step": best[0], "value": best[1]}}
    return {**last_point(points), **extreme}


def best_point(points: LoggedPoints, better: Direction | None) -> tuple[int, float] | None:
    """Return step and value of the first best finite point; None without a direction or a finite point."""
    finite = np.flatnonzero(np.isfinite(points.value))
    if better is None or not len(finite):
        return None
    values = points.value[finite]
    at = int(finite[values.argmax() if better == "higher" else values.argmin()])
    return int(points.step[at]), float(points.value[at])


def comparison_markdown(runs: Sequence[ComparedLog]) -> str:
    """Return the tables of a comparison in Markdown, the best values in bold."""
    head = ("", *(run.name for run in runs))
    settings, adjusted = (_code_rows(rows) for rows in (differing_settings(runs), adjusted_settings(runs)))
    metrics = [(f"`{row.tag}`", *_marked(row, "**", "**")) for row in metric_rows(runs)]
    parts = [
        _markdown_table(head, _run_rows(runs)),
        "\n".join(
            ["### Settings that differ", "", _markdown_table(head, settings) if settings else equal_settings(runs)]
        ),
        *(["\n".join([f"### {ADJUSTED.capitalize()}", "", _markdown_table(head, adjusted)])] if adjusted else []),
        "\n".join(["### Last values", "", _markdown_table(head, metrics)]),
    ]
    return "\n\n".join(parts)


def _code_rows(rows: Sequence[SettingRow]) -> Rows:
    return [(f"`{row.name}`", *row.texts) for row in rows]


def _markdown_table(head: tuple[str, ...], rows: Rows) -> str:
    lines = [head, ("---", *("---:" for _ in head[1:])), *rows]
    return "\n".join("| " + " | ".join(text.replace("|", "\\|") for text in line) + " |" for line in lines)


def _marked(row: MetricRow, before: str, after: str) -> Iterator[str]:
    for at, text in enumerate(row.texts):
        yield f"{before}{text}{after}" if at in row.marked else text


def _run_rows(runs: Sequence[ComparedLog]) -> Rows:
    return [("state", *(run.state for run in runs)), ("steps", *(f"{run.step:,}" for run in runs))]


def print_comparison(runs: Sequence[ComparedLog], console: Console) -> None:
    """Print the tables of a comparison, the best values with a mark."""
    settings, adjusted, metrics = differing_settings(runs), adjusted_settings(runs), metric_rows(runs)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for run in runs:
        table.add_column(Text(run.name), justify="right", overflow="fold")
    for line in _run_rows(runs):
        table.add_row(*map(Text, line))
    _add_section(table, "settings at the start that differ" if settings else equal_settings(runs))
    _add_settings(table, settings)
    if adjusted:
        _add_section(table, ADJUSTED)
        _add_settings(table, adjusted)
    _add_section(table, "last values")
    _add_metrics(table, metrics)
    console.print(table, highlight=False)
    if any(row.marked for row in metrics):
        console.print(MARKED, style="dim", highlight=False)


def _add_section(table: Table, title: str) -> None:
    table.add_row("")
    table.add_row(Text(title, style="bold"))


def _add_settings(table: Table, rows: Sequence[SettingRow]) -> None:
    for row in rows:
        table.add_row(Text(row.name), *map(Text, row.texts))


def _add_metrics(table: Table, rows: Sequence[MetricRow]) -> None:
    for row in rows:
        texts = [
            Text(f"{text} {BEST}" if at in row.marked else f"{text}  ", style="bold green" if at in row.marked else "")
            for at, text in enumerate(row.texts)
        ]
        table.add_row(Text(row.tag), *texts)
