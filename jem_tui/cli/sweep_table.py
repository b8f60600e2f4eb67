"""The table of a sweep: a row for each run with the settings that vary, its state, step and score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from jem_tui.printable import printable

if TYPE_CHECKING:
    from jem_tui.launch.sweep_run import SweepRun
    from jem_tui.launch.sweep_schedule import Sweep

STYLES = {
    "running": "cyan",
    "finished": "green",
    "failed": "red",
    "diverged": "red",
    "stopped early": "yellow",
    "in use": "yellow",
}
BEST = "★"


def sweep_table(work: Sweep, most_rows: int) -> Table:
    """Return a table of at most `most_rows` runs: those that train come first if not all have room."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    keys = varying(work.runs)
    for key in (*keys, "state"):
        table.add_column(printable(key), no_wrap=True)
    for heading in ("step", work.metric, ""):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    shown, best = chosen_rows(work.runs, most_rows), work.best()
    for run in shown:
        settings = dict(word.split("=", 1) for word in run.point.words)
        value = f"{run.curve[max(run.curve)]:.4f}" if run.curve else ""
        cells = [Text(printable(settings[key])) for key in keys]
        state = Text(run.state, style=STYLES.get(run.state, "dim"))
        table.add_row(*cells, state, f"{run.step:,}" if run.step else "", value, BEST if run is best else "")
    if more := len(work.runs) - len(shown):
        table.caption = f"and {more:,} more"
        table.caption_justify = "left"
    return table


def varying(runs: Sequence[SweepRun]) -> list[str]:
    """Return the settings with several values in a sweep, in the order of the command line; all settings if none varies."""
    settings = [dict(word.split("=", 1) for word in run.point.words) for run in runs]
    keys = list(settings[0]) if settings else []
    return [key for key in keys if len({one[key] for one in settings}) > 1] or keys


def chosen_rows(runs: Sequence[SweepRun], most: int) -> list[SweepRun]:
    """Return at most `most` runs in the order of the grid: running ones before ended ones, and those before waiting ones."""
    rank = {"running": 0, "waiting": 2}
    order = sorted(range(len(runs)), key=lambda at: (rank.get(runs[at].state, 1), at))
    return [runs[at] for at in sorted(order[: max(1, most)])]
