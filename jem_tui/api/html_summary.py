"""The table of a run that notebooks display."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from jem_tui.number_text import numeral

if TYPE_CHECKING:
    from jem_tui.api.recorded_run import Run

MOST_ROWS = 30
"""Curves that the table lists."""


def html_summary(run: Run) -> str:
    """Return name, status and step of a run, and a table with the last value of each curve, as HTML."""
    images = "step" if run.foreign else "images"
    facts = f"<b>{escape(run.name)}</b> · {run.status} · {images} {run.images:,}"
    if not run.foreign:
        facts = f"<b>{escape(run.name)}</b> · {run.status} · step {run.step:,}"
        facts += f" of {run.started.total_steps:,}" if run.started.total_steps else ""
    if run.error:
        facts += f"<br>{escape(run.error)}"
    curves = [curve for curve in run.curves.values() if len(curve)]
    rows = "".join(
        f"<tr><td style='text-align:left'>{escape(curve.tag)}</td><td>{int(curve.steps[-1]):,}</td><td>{numeral(curve.last)}</td></tr>"
        for curve in curves[:MOST_ROWS]
    )
    more = f"<p>{len(curves) - MOST_ROWS:,} further curves</p>" if len(curves) > MOST_ROWS else ""
    head = "<tr><th style='text-align:left'>curve</th><th>step</th><th>last value</th></tr>"
    return f"<div><p>{facts}</p><table>{head}{rows}</table>{more}</div>"
