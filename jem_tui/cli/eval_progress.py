"""Progress of an evaluation on stderr: a bar on a terminal, elsewhere a line for each stage, and more while a stage lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TextIO

from jem_tui.cli.suspend import suspendable
from jem_tui.events.run import ReportProgress

INTERVAL = 10.0
"""Seconds between two lines of one stage."""


@contextmanager
def shown_progress(stream: TextIO, quiet: bool) -> Iterator[ReportProgress]:
    """Yield a function that reports progress on the stream. Without a terminal, `quiet` suppresses the lines."""
    if stream.isatty():
        with _bar(stream) as report:
            yield report
    else:
        yield _ignore if quiet else stage_lines(stream)


@contextmanager
def _bar(stream: TextIO) -> Iterator[ReportProgress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with suspendable(), Progress(*columns, console=Console(file=stream), transient=True) as progress:
        task = progress.add_task("", total=None)

        def report(text: str, fraction: float | None) -> None:
            progress.update(task, description=text, total=None if fraction is None else 1.0, completed=fraction or 0)

        yield report


def stage_lines(stream: TextIO, now: Callable[[], float] = monotonic) -> ReportProgress:
    """Return a function that prints a line for each new stage, and the share that is done at intervals after it."""
    last, printed = "", 0.0

    def report(text: str, fraction: float | None) -> None:
        nonlocal last, printed
        new, later = text != last, fraction is not None and now() - printed >= INTERVAL
        if new or later:
            last, printed = text, now()
            with suppress(OSError):
                print(text if new else f"{text}: {fraction:.0%}", file=stream, flush=True)

    return report


def _ignore(text: str, fraction: float | None) -> None:
    pass
