"""`jem-tui compare`: differing settings, last values, curves and samples of several runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.messages import report_left_out, say
from jem_tui.cli.process_setup import limit_threads_of_numpy
from jem_tui.cli.select_runs import found_runs
from jem_tui.errors import InputError

if TYPE_CHECKING:
    from jem_tui.stream.compare.compared_log import ComparedLog

MOST_COMPARED = 40
"""Maximum number of runs in one comparison."""
UNBOUNDED = 100_000
"""Width in columns of tables that are not printed on a terminal."""

Runs = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN...",
        help="Two run folders or more, folders of TensorBoard event files, or folders with runs at any depth.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object with every digit of the logs, and exit.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print the tables in Markdown, and exit.")]


def compare(runs: Runs, json_: Json = False, markdown: Markdown = False) -> None:
    """Compare runs: the settings that differ, and the last value of every metric with the best one marked."""
    limit_threads_of_numpy()
    if json_ and markdown:
        raise InputError("--json and --markdown contradict each other.", "Use only one of these options.")
    from jem_tui.stream.compare.compared_log import read_compared
    from jem_tui.stream.compare.comparison_output import comparison_json, comparison_markdown

    compared = read_compared(chosen_runs(runs), say)
    for run in compared:
        report_left_out(run.path, run.recording.left_out)
    if json_:
        print(json.dumps(comparison_json(compared), indent=2, allow_nan=False))
    elif markdown:
        print(comparison_markdown(compared))
    else:
        print_tables(compared)


def chosen_runs(places: Sequence[Path]) -> list[Path]:
    """Return the runs in and below some folders, each once. Raises InputError if there are more than `MOST_COMPARED`."""
    found = list({path.resolve(): path for path in found_runs(places)}.values())
    if len(found) > MOST_COMPARED:
        raise InputError(
            f"{len(found):,} runs were found, but at most {MOST_COMPARED} can be compared.", "List their folders."
        )
    return found


def print_tables(compared: Sequence[ComparedLog]) -> None:
    """Print the comparison as tables. Without a terminal a row is never wrapped."""
    from rich.console import Console

    from jem_tui.stream.compare.comparison_output import print_comparison

    print_comparison(compared, Console(highlight=False, width=None if sys.stdout.isatty() else UNBOUNDED))
