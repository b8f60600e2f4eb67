"""`jem-tui sweep`: training runs over a grid of settings."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.messages import say
from jem_tui.cli.terminal import capable_terminal, table_width
from jem_tui.errors import InputError
from jem_tui.message_text import nearest
from jem_tui.printable import printable
from jem_tui.signals import AT_ONCE, HURRYING, handle, leave_at_once

if TYPE_CHECKING:
    from rich.console import Console

    from jem_tui.launch.sweep_grid import GridPoint
    from jem_tui.launch.sweep_run import SweepRun
    from jem_tui.launch.sweep_schedule import Sweep

OF_SWEEP = ("--run-dir", "--resume", "--continue", "--no-ui", "--seed")
"""Options of `train` that a sweep sets itself."""
SCORES = ("accuracy", "xe", "ece")
"""Scores that every evaluation on the validation images reports."""

Words = Annotated[
    list[str] | None,
    typer.Option(
        "-s",
        "--set",
        metavar="SECTION.KEY=VALUE,…",
        help="A setting and its values; repeatable. Every combination is a run.",
    ),
]
Seeds = Annotated[
    int, typer.Option(metavar="N", min=0, max=1000, help="Train every combination with the seeds 0 to N−1.")
]
Jobs = Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Number of runs at a time.")]
StopWorst = Annotated[
    bool,
    typer.Option(
        "--stop-worst",
        help="Stop a run early if its best score is worse than the median of the others at the same step.",
    ),
]
By = Annotated[
    str, typer.Option(metavar="SCORE", help="Score on the validation images that compares runs: accuracy, xe or ece.")
]
Dir = Annotated[
    Path | None,
    typer.Option(
        "--dir", metavar="DIR", help="Folder of the sweep (default: one below ./runs, the same for the same command)."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON array instead of the table.")]
Options = Annotated[
    list[str] | None,
    typer.Argument(metavar="[OPTIONS OF TRAIN]...", help="Options for all runs, as those of jem-tui train."),
]


def sweep(
    options: Options = None,
    set_: Words = None,
    seeds: Seeds = 0,
    jobs: Jobs = 1,
    stop_worst: StopWorst = False,
    by: By = "accuracy",
    dir_: Dir = None,
    json_: Json = False,
) -> None:
    """Train a run for each combination of settings, for example -s optimizer.rate=1e-3,3e-3 -s sgld.steps=5,10.

    The same command resumes an interrupted sweep and skips finished runs.
    """
    from jem_tui.launch.sweep_grid import make_grid
    from jem_tui.launch.sweep_schedule import Sweep

    if by not in SCORES:
        raise InputError(f"--by {by} is not a score{nearest(by, SCORES)}.", f"Choose one of {', '.join(SCORES)}.")
    given = options or []
    points = make_grid(set_ or [], seeds)
    refuse_invalid(points, given)
    folder = dir_ or default_folder(given, points)
    work = Sweep(folder, points, given, f"validation/{by}", stop_worst=stop_worst)
    handle(stopping(work), by_run=True)
    code = _trained(work, jobs, live=not json_)
    if json_:
        print(json.dumps([as_mapping(run, work.metric) for run in work.runs], indent=2))
    else:
        _print_results(work)
    raise typer.Exit(code)


def refuse_invalid(points: Sequence[GridPoint], options: Sequence[str]) -> None:
    """Raise InputError for settings that are wrong for a grid point, and what Click raises for options that `train` does not have."""
    from jem_tui.cli.chosen_run import flags_of, run_options
    from jem_tui.cli.parsed_words import parsed
    from jem_tui.cli.train import train
    from jem_tui.config.load import make_config

    for option in options:
        if option.partition("=")[0] in OF_SWEEP:
            raise InputError(
                f"{option.partition('=')[0]} is set by the sweep itself.",
                "Choose its folder with --dir and its seeds with --seeds; the same command resumes it.",
            )
    given = run_options(parsed(train, options, "jem-tui sweep"))
    for point in points:
        make_config(given.preset, given.config, point.words, flags_of(given.given))


def default_folder(options: Sequence[str], points: Sequence[GridPoint]) -> Path:
    """Return the folder of a sweep. It does not depend on the values of settings that vary, so that a larger grid keeps finished runs."""
    from hashlib import sha256

    from jem_tui.stream.runs.run_dir import default_root

    words = {word for point in points for word in point.words}
    values = Counter(word.partition("=")[0] for word in words)
    parts = {word if values[key] == 1 else f"{key}=" for word in words for key in [word.partition("=")[0]]}
    identity = json.dumps([list(options), sorted(parts)])
    return default_root() / f"sweep-{sha256(identity.encode()).hexdigest()[:8]}"


def stopping(work: Sweep) -> Callable[[int, FrameType | None], None]:
    """Return the handler of signals: a second SIGINT or SIGTERM ends the runs at once, a second SIGHUP does not."""
    requested = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal requested
        first, again = not work.interrupted, requested and number in HURRYING
        requested = requested or number in HURRYING
        work.interrupt(hurry=again or number in AT_ONCE)
        if number in AT_ONCE:
            leave_at_once(number)
        if first:
            say(
                "Saving and stopping all runs. Press Ctrl-C again to quit immediately. The same command resumes the sweep."
            )

    return stop


def _trained(work: Sweep, jobs: int, *, live: bool) -> int:
    """Train under a live table on a terminal, else with a line for the start and the end of each run; return the exit code."""
    say(f"{len(work.runs):,} run{'s' if len(work.runs) != 1 else ''} in {work.folder}")
    if not (live and capable_terminal() and sys.stderr.isatty()):
        return work.work(jobs, lambda run: say(_line(run, work.metric)))
    from rich.console import Console
    from rich.live import Live

    from jem_tui.cli.suspend import suspendable
    from jem_tui.cli.sweep_table import sweep_table

    console = Console(stderr=True)
    table = Live(console=console, auto_refresh=False, transient=True)

    def refresh() -> None:
        with drawing(console):
            table.update(sweep_table(work, console.height - 4), refresh=True)

    with suspendable():
        with drawing(console):
            table.start()
        try:
            return work.work(jobs, lambda run: None, refresh)
        finally:
            with drawing(console):
                table.stop()


@contextmanager
def drawing(console: Console) -> Iterator[None]:
    """Silence the console if it cannot be written, because a terminal that has gone must not end the runs."""
    try:
        yield
    # Rich raises SystemExit for a broken pipe
    except (OSError, SystemExit):
        console.quiet = True


def _line(run: SweepRun, metric: str) -> str:
    """Return the start of a run or its end in a line."""
    if run.state == "running":
        return f"{run.point.name}: " + (f"resumed at step {run.step:,}" if run.step else "started")
    value = f", {metric} {run.curve[max(run.curve)]:.4g}" if run.curve else ""
    where = {"failed": f", see {run.log}", "in use": ", another process writes into its folder"}.get(run.state, "")
    return f"{run.point.name}: {run.state} at step {run.step:,}{value}{where}"


def _print_results(work: Sweep) -> None:
    from rich.console import Console

    from jem_tui.cli.sweep_table import sweep_table

    console = Console(width=table_width())
    console.print(sweep_table(work, len(work.runs)))
    for run in work.runs:
        if run.state in ("failed", "in use"):
            say(_line(run, work.metric))
    best = work.best()
    if best is not None:
        say(f"best {work.metric}: {best.curve[max(best.curve)]:.4g}, run {printable(str(best.folder))}")


def as_mapping(run: SweepRun, metric: str) -> dict[str, object]:
    """Return a run as JSON values."""
    value = run.curve[max(run.curve)] if run.curve else None
    return {
        "name": run.point.name,
        "settings": dict(word.split("=", 1) for word in run.point.words),
        "state": run.state,
        "step": run.step,
        "metric": metric,
        "value": value if value is None or abs(value) < float("inf") else None,
        "path": str(run.folder),
        "exit_code": run.code,
    }
