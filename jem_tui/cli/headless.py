"""Training without the screen: on the main thread, with plain output."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from jem_tui.api.leading_rank import LeadingRank
from jem_tui.cli.finish_on_signals import Finishing, StopNotice
from jem_tui.cli.messages import report_ending, say
from jem_tui.cli.suspend import suspendable
from jem_tui.errors import EXIT_CODES
from jem_tui.events.commands import Command, Resume
from jem_tui.events.run import Note, Stopped
from jem_tui.signals import SAME_SIGNAL, Leaving, handle
from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
from jem_tui.stream.attach.door_file import ANNOUNCE_VARIABLE
from jem_tui.stream.drive import OpenSource, Sink, drive
from jem_tui.stream.fan_out import StreamSink, fan_out, redirect_to_null
from jem_tui.stream.inject_events import inject_notes
from jem_tui.stream.writer.recorder import Recorder

if TYPE_CHECKING:
    from jem_tui.stream.console.downsample import CurveCollector
    from jem_tui.tui.state.run_state import RunState
    from jem_tui.tui.state.run_worker import RunWorker


def run_json(open_source: OpenSource, run_dir: Path, door: bool = True) -> int:
    """Run the source and print each event as a line of JSON on stdout; return the exit code."""
    from jem_tui.stream.console.line_output import JsonLines, LoadingLines

    outlets = on_stderr(LoadingLines(sys.stderr)), on_stdout(JsonLines(sys.stdout))
    return EXIT_CODES[run(open_source, run_dir, *outlets, door=door).reason]


def run_displayed(open_source: OpenSource, run_dir: Path, door: bool = True) -> int:
    """Run the source for a screen of another process, and print only what precedes the run; return the exit code."""
    from jem_tui.stream.console.line_output import LoadingLines

    return EXIT_CODES[run(open_source, run_dir, on_stderr(LoadingLines(sys.stderr)), door=door).reason]


def run_plain(open_source: OpenSource, run_dir: Path, door: bool = True) -> int:
    """Run the source and print a line at intervals, for a file or a pipe; return the exit code."""
    from jem_tui.stream.console.line_output import LoadingLines, PlainLines

    outlets = on_stderr(LoadingLines(sys.stderr)), on_stdout(PlainLines(sys.stdout))
    return EXIT_CODES[run(open_source, run_dir, *outlets, door=door).reason]


def run_progress(open_source: OpenSource, run_dir: Path, door: bool = True) -> int:
    """Run the source under a progress bar on stderr, then print curves and final values on stdout; return the exit code."""
    from rich.console import Console

    from jem_tui.stream.console.downsample import CurveCollector
    from jem_tui.stream.console.progress_bar import ProgressDisplay

    collector = CurveCollector()
    display = ProgressDisplay(Console(stderr=True))
    with suspendable():
        summary = StreamSink(collector, sys.stdout, "the summary", say)
        stopped = run(open_source, run_dir, on_stderr(display), summary, door=door)
        display.close()
    if collector.last_step is not None:
        print_curves(collector)
    return EXIT_CODES[stopped.reason]


def print_curves(collector: CurveCollector) -> None:
    """Print the summary of a run. A summary that cannot be printed does not change the exit code of the run."""
    from rich.console import Console

    from jem_tui.stream.console.summary import print_summary

    try:
        print_summary(Console(), collector)
        sys.stdout.flush()
    except (OSError, SystemExit) as error:
        redirect_to_null(sys.stdout)
        say(f"The summary cannot be written: {getattr(error, 'strerror', None) or 'no process reads stdout'}.")


def on_stdout(sink: Sink) -> StreamSink:
    """Return the sink that shows the run on stdout."""
    return StreamSink(sink, sys.stdout, "stdout", say)


def on_stderr(sink: Sink) -> StreamSink:
    """Return the sink that shows the run on stderr."""
    return StreamSink(sink, sys.stderr, "stderr", say)


def run(open_source: OpenSource, run_dir: Path, *outlets: StreamSink, door: bool = True) -> Stopped:
    """Drive the source to its end. Each event is recorded, then shown; the last line on stderr names the run folder.

    With a `door`, other processes can watch and steer the run.
    """
    commands: SimpleQueue[Command] = SimpleQueue()
    announced = os.environ.get(ANNOUNCE_VARIABLE)
    announce = Path(announced) if announced else None
    record = AttachableRecorder(run_dir, sys.argv, commands.put, announce) if door else Recorder(run_dir, sys.argv)

    def pending_notes() -> list[Note]:
        return [*record.pending_notes(), *(note for outlet in outlets for note in outlet.pending_notes())]

    lead = open_source if isinstance(open_source, LeadingRank) else None
    recorded: Sink = record
    if lead is not None:
        lead.send = commands.put
        recorded = lead.recorded_by(record)
    notice = StopNotice(recorded, lead)
    handle(Finishing(commands, record.abandon, outlets, SAME_SIGNAL if lead else 0.0, notice.text), by_run=True)
    # Code of the user may print.
    with redirect_stdout(sys.stderr):
        stopped = drive(inject_notes(open_source, pending_notes), fan_out(notice, *outlets), commands)
    handle(Leaving(EXIT_CODES[stopped.reason]), by_run=True)
    report_ending(stopped, run_dir, record.loss_summary)
    return stopped


def follow(worker: RunWorker, known: RunState | None, abandon: Callable[[], None]) -> Stopped:
    """Print the rest of a run whose screen was closed after failures, as `run_plain` does. `known` is the last state of the screen.

    A paused run is resumed, because without a screen it could not be.
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
