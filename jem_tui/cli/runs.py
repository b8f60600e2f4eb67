"""`jem-tui runs`: a table of recorded runs."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.messages import say
from jem_tui.cli.terminal import table_width
from jem_tui.printable import printable

if TYPE_CHECKING:
    from jem_tui.stream.runs.catalog import FoundRun

STYLES = {
    "running": "cyan",
    "finished": "green",
    "crashed": "red",
    "failed": "red",
    "diverged": "red",
    "damaged": "red",
}


def runs(
    root: Annotated[
        Path | None,
        typer.Argument(
            metavar="ROOT", help="Folder to search (default: ./runs, else the current folder if it holds runs)."
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON array instead of the table.")] = False,
) -> None:
    """List the runs in a folder, newest first, with state, steps, accuracy and last change."""
    from jem_tui.stream.runs.catalog import find_runs
    from jem_tui.stream.runs.find_runs import searched_folder

    place = searched_folder(root)
    found, left_out = find_runs(place)
    for sentence in (left_out, *(run.reason for run in found)):
        if sentence:
            say(sentence)
    if json_:
        print(json.dumps([as_mapping(run) for run in found], indent=2))
    elif found:
        print_table(found, place)
    else:
        print(f"There are no runs below {printable(str(place))}.")


def as_mapping(run: FoundRun) -> dict[str, object]:
    """Return all fields of a run as JSON values."""
    return {name: str(run.path) if name == "path" else getattr(run, name) for name in run.__dataclass_fields__}


def print_table(found: Sequence[FoundRun], root: Path) -> None:
    """Print one row for each run. Without a terminal a row is never wrapped."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, right in {"run": False, "state": False, "data": False, "preset": False}.items():
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "run", overflow="fold")
    for name in ("steps", "accuracy", "changed"):
        table.add_column(name, justify="right", no_wrap=True)
    for run in found:
        name = str(run.path.relative_to(root)) if run.path != root else str(run.path)
        table.add_row(
            Text(printable(name)),
            Text(run.state, style=STYLES.get(run.state, "")),
            Text(printable(Path(run.data).name)),
            Text(printable(run.preset)),
            "" if run.step is None else f"{run.step:,}",
            "" if run.accuracy is None else f"{run.accuracy:.2%}",
            ago(time.time() - run.updated),
        )
    Console(highlight=False, width=table_width()).print(table)


def ago(seconds: float) -> str:
    """Format an elapsed time in one unit, such as "12 s ago" or "3 h ago"."""
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{max(0.0, seconds):.0f} s ago"
