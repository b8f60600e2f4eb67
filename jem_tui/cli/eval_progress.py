"""Progress of an evaluation on stderr: a bar on a terminal, a line for each stage elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from jem_tui.cli.suspend import suspendable
from jem_tui.events.run import ReportProgress


@contextmanager
def shown_progress(stream: TextIO, quiet: bool) -> Iterator[ReportProgress]:
    """Yield a function that reports progress on the stream. Without a terminal, `quiet` suppresses the lines."""
    if stream.isatty():
        with _bar(stream) as report:
            yield report
    else:
        yield _ignore if quiet else _stages(stream)


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


def _stages(stream: TextIO) -> ReportProgress:
    last = ""

    def report(text: str, fraction: float | None) -> None:
        nonlocal last
        if text != last:
            last = text
            with suppress(OSError):
                print(text, file=stream, flush=True)

    return report


def _ignore(text: str, fraction: float | None) -> None:
    pass
