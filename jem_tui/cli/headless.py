"""A run without the screen: trained on the main thread, shown on stdout, ended politely by signals."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING

from jem_tui.cli.messages import report_ending, say
from jem_tui.cli.suspend import suspendable
from jem_tui.errors import EXIT_CODES
from jem_tui.events.commands import Command, Resume, Stop
from jem_tui.events.run import Note, Stopped
from jem_tui.signals import AT_ONCE, HURRYING, Leaving, handle, leave_at_once
from jem_tui.stream.drive import OpenSource, Sink, drive
from jem_tui.stream.fan_out import Outlet, drop, fan_out, takes_text
from jem_tui.stream.inject_events import inject_notes
from jem_tui.stream.writer.recorder import Recorder

if TYPE_CHECKING:
    from jem_tui.stream.console.downsample import CurveCollector
    from jem_tui.tui.state.run_state import RunState
    from jem_tui.tui.state.worker import Worker

HEARD = b"jem-tui: finishing the step and saving; once more to leave at once\n"


def run_json(open_source: OpenSource, run_dir: Path, label: str) -> int:
    """One JSON object a line on stdout."""
    from jem_tui.stream.console.line_output import JsonLines, LoadingLines

    outlets = on_stderr(LoadingLines(sys.stderr)), on_stdout(JsonLines(sys.stdout))
    return EXIT_CODES[run(open_source, run_dir, *outlets).reason]


def run_plain(open_source: OpenSource, run_dir: Path, label: str) -> int:
    """Sparse lines for a file or a log."""
    from jem_tui.stream.console.line_output import LoadingLines, PlainLines

    outlets = on_stderr(LoadingLines(sys.stderr)), on_stdout(PlainLines(sys.stdout))
    return EXIT_CODES[run(open_source, run_dir, *outlets).reason]


def run_progress(open_source: OpenSource, run_dir: Path, label: str) -> int:
    """A progress bar on stderr, then the curves and the final numbers on stdout."""
    from rich.console import Console

    from jem_tui.stream.console.downsample import CurveCollector
    from jem_tui.stream.console.progress_bar import ProgressDisplay

    collector = CurveCollector()
    display = ProgressDisplay(Console(stderr=True))
    with suspendable():
        stopped = run(open_source, run_dir, on_stderr(display), Outlet(collector, sys.stdout, "the summary", say))
        display.close()
    if collector.last_step is not None:
        print_curves(collector)
    return EXIT_CODES[stopped.reason]


def print_curves(collector: CurveCollector) -> None:
    """Print the summary, on which the run's exit code does not depend."""
    from rich.console import Console

    from jem_tui.stream.console.summary import print_summary

    try:
        print_summary(Console(), collector)
        sys.stdout.flush()
    except (OSError, SystemExit) as error:
        drop(sys.stdout)
        say(f"The summary cannot be written: {getattr(error, 'strerror', None) or 'nobody reads stdout'}.")


def on_stdout(sink: Sink) -> Outlet:
    """Return the sink that shows the run on stdout."""
    return Outlet(sink, sys.stdout, "stdout", say)


def on_stderr(sink: Sink) -> Outlet:
    """Return the sink that shows the run on stderr."""
    return Outlet(sink, sys.stderr, "stderr", say)


def run(open_source: OpenSource, run_dir: Path, *outlets: Outlet) -> Stopped:
    """Drive the source to its end: recorded first, then shown; the last line on stderr says where everything is."""
    commands: SimpleQueue[Command] = SimpleQueue()
    record = Recorder(run_dir, sys.argv)

    def pending_notes() -> list[Note]:
        return [*record.pending_notes(), *(note for outlet in outlets for note in outlet.pending_notes())]

    handle(Finishing(commands, record.abandon, outlets), by_run=True)
    stopped = drive(inject_notes(open_source, pending_notes), fan_out(record, *outlets), commands)
    handle(Leaving(EXIT_CODES[stopped.reason]), by_run=True)
    report_ending(stopped, run_dir, record.loss_summary)
    return stopped


def follow(worker: Worker, known: RunState | None, abandon: Callable[[], None]) -> Stopped:
    """Print the events of a run whose screen is given up as `run_plain` does, until it ends; `known` is what the screen knew.

    A paused run continues, because nobody could resume it any more.
    """
    from jem_tui.stream.console.line_output import LoadingLines, PlainLines

    outlets = on_stderr(LoadingLines(sys.stderr)), on_stdout(PlainLines(sys.stdout))
    show = fan_out(*outlets)
    handle(Finishing(worker.commands, abandon, outlets), by_run=True)
    if known is not None and known.run is not None:
        show(replace(known.run.info, step=known.run.step, images=known.run.images))
    if known is not None and known.paused:
        worker.send(Resume())
    for event in worker.until_stopped():
        show(event)
    assert worker.ended is not None
    return worker.ended


class Finishing:
    """A signal handler that asks a run to save after this step and to end; the second Ctrl-C or SIGTERM leaves at once."""

    def __init__(
        self, commands: SimpleQueue[Command], abandon: Callable[[], None], outlets: Sequence[Outlet] = ()
    ) -> None:
        self._commands = commands
        self._abandon = abandon
        self._outlets = outlets
        self._asked = False
        self._hurried = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if (self._hurried and number in HURRYING) or number in AT_ONCE:
            try:
                self._abandon()
            finally:
                leave_at_once(number)
        self._hurried = self._hurried or number in HURRYING
        if self._asked:
            return
        self._asked = True
        self._commands.put(Stop(save=True, reason="interrupted"))
        _write_now(HEARD)
        for outlet in self._outlets:
            outlet.give_up_waiting()


def _write_now(text: bytes) -> None:
    """Write to stderr from within a signal handler: past the buffer that may be in use, and only if that takes no waiting."""
    with suppress(OSError):
        if takes_text(sys.stderr, 0.0):
            os.write(2, text)
