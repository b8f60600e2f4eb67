"""Training on the full screen."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jem_tui.api.leading_rank import LeadingRank
from jem_tui.cli.messages import report_ending, say
from jem_tui.cli.screens.drawing_models import drawing_access
from jem_tui.cli.screens.late_recorder import LateRecorder
from jem_tui.cli.screens.show_run import show_run
from jem_tui.errors import EXIT_CODES
from jem_tui.signals import Leaving, handle
from jem_tui.tui.state.run_handle import RunHandle, driving

if TYPE_CHECKING:
    from jem_tui.events.run import ReportProgress, Stopped
    from jem_tui.stream.drive import OpenSource, Source


def run_screen(
    open_source: OpenSource, run_dir: Path, door: bool = True, *, label: str, warnings: Sequence[str] = ()
) -> int:
    """Train under the screen, which displays the `warnings`, and return the exit code. With a `door`, other processes can watch and steer the run."""
    record = LateRecorder(run_dir, (lambda command: run.start().send(command)) if door else None)

    def open_both(report: ReportProgress) -> Source:
        from jem_tui.stream.inject_events import inject_notes, inject_warnings
        from jem_tui.stream.replay.resume_history import with_earlier_steps

        warned = with_earlier_steps(inject_warnings(open_source, warnings), run_dir)
        return inject_notes(warned, record.pending_notes)(report)

    run = RunHandle(driving(open_both, record), record.abandon)
    run.drawing = drawing_access(run_dir)
    if isinstance(open_source, LeadingRank):
        open_source.send = lambda command: run.start().send(command)
    stopped = show_run(run, run_dir, label, (run_dir,)) or follow_run(run)
    handle(Leaving(EXIT_CODES[stopped.reason]), by_run=True)
    report_ending(stopped, run_dir, record.loss_summary)
    leave_worker_behind(stopped, run_dir, record.abandon, open_source)
    return EXIT_CODES[stopped.reason]


def follow_run(run: RunHandle) -> Stopped:
    """Print the rest of a run whose screen keeps failing."""
    from jem_tui.cli.headless import follow

    say("The run continues without the screen. Ctrl-C saves and ends it.")
    return follow(run.start(), run.session.state if run.session is not None else None, run.abandon)


def leave_worker_behind(
    stopped: Stopped, run_dir: Path, abandon: Callable[[], None], open_source: OpenSource | LeadingRank
) -> None:
    """Exit at once if the worker thread is still inside torch, as after "stop now" during a long step; other ranks end with the same code.

    An interpreter that shuts down around such a thread can crash.
    """
    from jem_tui.stream.drive import WORKER_NAME

    if not any(thread.name == WORKER_NAME and thread.is_alive() for thread in threading.enumerate()):
        return
    from jem_tui.stream.runs.run_dir import mark_ended

    abandon()
    mark_ended(run_dir, "interrupted" if stopped.reason == "interrupted" else "stopped")
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    if isinstance(open_source, LeadingRank):
        open_source.finish(EXIT_CODES[stopped.reason])
    os._exit(EXIT_CODES[stopped.reason])
