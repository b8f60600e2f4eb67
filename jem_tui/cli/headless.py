"""A run without the screen: trained on the main thread, told on stdout, ended politely by Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

from jem_tui.cli.terminal import tell_ending
from jem_tui.errors import EXIT_CODES
from jem_tui.events import Command, Stop, Stopped
from jem_tui.stream.announcing import with_news
from jem_tui.stream.drive import OpenSource, Sink, drive
from jem_tui.stream.recorder import Recorder
from jem_tui.stream.sinks import fan_out

SHOW_CURSOR = b"\x1b[?25h\n"


def run_json(open_source: OpenSource, run_dir: Path, label: str) -> int:
    """One JSON object a line on stdout."""
    from jem_tui.stream.console import JsonLines, LoadingLines

    show = fan_out(LoadingLines(sys.stderr), JsonLines(sys.stdout))
    return EXIT_CODES[run(open_source, run_dir, show).reason]


def run_plain(open_source: OpenSource, run_dir: Path, label: str) -> int:
    """Sparse lines for a file or a log."""
    from jem_tui.stream.console import LoadingLines, PlainLines

    show = fan_out(LoadingLines(sys.stderr), PlainLines(sys.stdout))
    return EXIT_CODES[run(open_source, run_dir, show).reason]


def run_progress(open_source: OpenSource, run_dir: Path, label: str) -> int:
    """A progress bar on stderr, then the curves and the final numbers on stdout."""
    from rich.console import Console

    from jem_tui.stream.curves import CurveCollector
    from jem_tui.stream.progress import ProgressDisplay
    from jem_tui.stream.summary import print_summary

    collector = CurveCollector()
    display = ProgressDisplay(Console(stderr=True))
    try:
        stopped = run(open_source, run_dir, fan_out(collector, display))
    finally:
        display.close()
    if collector.last_step is not None:
        print_summary(Console(), collector)
    return EXIT_CODES[stopped.reason]


def run(open_source: OpenSource, run_dir: Path, show: Sink) -> Stopped:
    """Drive the source to its end: recorded first, then shown; the last line on stderr says where everything is."""
    commands: SimpleQueue[Command] = SimpleQueue()
    record = Recorder(run_dir, sys.argv)
    with polite_signals(commands):
        stopped = drive(with_news(open_source, record.news), fan_out(record, show), commands)
    forget_closed_stdout()
    tell_ending(stopped, run_dir, record.toll)
    return stopped


def forget_closed_stdout() -> None:
    """Python flushes stdout as it exits; what nobody reads any more must not turn into an error there."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def polite_signals(commands: SimpleQueue[Command]) -> Iterator[None]:
    """The first SIGINT or SIGTERM asks for a checkpoint after this step; a second one leaves at once."""
    asked = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            if sys.stderr.isatty():
                os.write(sys.stderr.fileno(), SHOW_CURSOR)
            os._exit(EXIT_CODES["interrupted"])
        asked = True
        print("jem-tui: finishing the step and saving; once more to leave at once", file=sys.stderr, flush=True)
        commands.put(Stop(save=True, reason="interrupted"))

    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(name, handle) for name in names]
    try:
        yield
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)
