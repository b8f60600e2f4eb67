"""`jem-tui compare`: differing settings, last values, curves and samples of several runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.messages import report_left_out, say
from jem_tui.cli.process_setup import limit_threads_of_numpy
from jem_tui.cli.select_runs import found_runs
from jem_tui.cli.terminal import attended_terminal, table_width
from jem_tui.errors import InputError

if TYPE_CHECKING:
    from jem_tui.stream.compare.compared_log import ComparedLog

MOST_COMPARED = 40
"""Maximum number of runs in one comparison."""

Runs = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN...",
        help="Two run folders or more, folders of TensorBoard event files, or folders with runs at any depth.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object with the values unrounded, and exit.")]
Once = Annotated[bool, typer.Option("--once", help="Print the tables without the screen, and exit.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print the tables in Markdown, and exit.")]


def compare(runs: Runs, json_: Json = False, markdown: Markdown = False, once: Once = False) -> None:
    """Compare runs: the settings that differ, the last values with the best marked, curves, and samples side by side."""
    limit_threads_of_numpy()
    if json_ + markdown + once > 1:
        raise InputError("--json, --markdown and --once contradict each other.", "Use only one of these options.")
    chosen = chosen_runs(runs)
    if not (json_ or markdown or once) and attended_terminal():
        raise typer.Exit(compare_on_screen(chosen))
    from jem_tui.stream.compare.compared_log import read_compared
    from jem_tui.stream.compare.comparison_output import comparison_json, comparison_markdown

    compared = read_compared(chosen, say)
    for run in compared:
        report_left_out(run.path, run.recording.left_out)
    if json_:
        print(json.dumps(comparison_json(compared), indent=2, allow_nan=False))
    elif markdown:
        print(comparison_markdown(compared))
    else:
        print_tables(compared)


def compare_on_screen(runs: Sequence[Path]) -> int:
    """Show the comparison on the screen until the user leaves it, and return the exit code.

    Raises InputError, before the screen opens, if fewer than two runs can be read.
    """
    from jem_tui.cli.browsing.browse import browse_until_left
    from jem_tui.stream.compare.readable_runs import refuse_too_few
    from jem_tui.stream.runs.find_runs import searched_folder
    from jem_tui.tui.browser.browser_state import BrowserState

    refuse_too_few(runs)
    return browse_until_left(BrowserState(searched_folder(), compared=tuple(runs)))


def chosen_runs(places: Sequence[Path]) -> list[Path]:
    """Return the runs in and below some folders, each once. Raises InputError if there are more than `MOST_COMPARED`."""
    found = list({path.resolve(): path for path in found_runs(places)}.values())
    if len(found) > MOST_COMPARED:
        raise InputError(
            f"{len(found):,} runs were found, but at most {MOST_COMPARED} can be compared.",
            f"Pass at most {MOST_COMPARED} run folders.",
        )
    return found


def print_tables(compared: Sequence[ComparedLog]) -> None:
    """Print the comparison as tables. Without a terminal a row is never wrapped."""
    from rich.console import Console

    from jem_tui.stream.compare.comparison_output import print_comparison

    print_comparison(compared, Console(highlight=False, width=table_width()))
