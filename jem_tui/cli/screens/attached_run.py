"""Display of a run of another process: on the screen, or as plain lines without a terminal. No ending of the display stops the run."""

from __future__ import annotations

import getpass
import os
import shlex
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jem_tui.cli.messages import report_ending, say
from jem_tui.cli.screens.drawing_models import drawing_access, drawing_elsewhere
from jem_tui.cli.terminal import attended_terminal
from jem_tui.errors import EXIT_CODES
from jem_tui.signals import INTERRUPTED, Interruption, Leaving, handle
from jem_tui.tui.state.run_handle import RunHandle
from jem_tui.tui.state.screen_role import Attachment, ScreenRole

if TYPE_CHECKING:
    from jem_tui.events.run import Stopped
    from jem_tui.stream.attach.connect import ByteStream
    from jem_tui.tui.state.run_worker import RunWorker

PATIENCE = 1.0
"""Seconds to wait for the end of a viewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRun:
    """A live run, and the way to it."""

    name: str
    """The name of the run in messages and on the first screen."""
    connect: Callable[[str], ByteStream]
    """Connects to the door of the run, for a reconnection in the folder that the run states, else "". Raises JemError or OSError."""
    run_dir: Path | None
    """The run folder; None on another machine."""
    command: str
    """The command line that attaches again."""
    host: str = ""
    """The other machine; empty for this one."""


def display(live: LiveRun, *, view_only: bool) -> int:
    """Display a run until it has ended or the user detaches, and return the exit code: that of the run, if its end was displayed."""
    run, stopped = displayed(live, view_only=view_only)
    return report(run, stopped, live)


def displayed(live: LiveRun, *, view_only: bool, from_browser: bool = False) -> tuple[RunHandle, Stopped | None]:
    """Display a run until it has ended or the user detaches, and return it with its end, if that was displayed."""

    def make_worker() -> RunWorker:
        from jem_tui.launch.console_viewer import ConsoleViewer
        from jem_tui.stream.attach.history import read_history
        from jem_tui.stream.attach.viewer import Viewer

        def connect() -> ByteStream:
            return live.connect(viewer.stated_run_dir)

        viewer = (
            Viewer(connect, None, author(), view_only=view_only, read_history=read_history)
            if live.run_dir is None
            else ConsoleViewer(connect, run_dir=live.run_dir, author=author(), view_only=view_only)
        )
        return viewer

    attachment = Attachment(view_only=view_only, host=live.host)
    run = RunHandle(make_worker, role=ScreenRole(attachment=attachment, from_browser=from_browser))
    run.drawing = drawing_access(live.run_dir) if live.run_dir is not None else drawing_elsewhere(live.host)
    stopped = _shown(run, live) if attended_terminal() else None
    if stopped is None and not run.leaving:
        stopped = follow_lines(run)
    return run, stopped


def author() -> str:
    """Return the user and this machine, such as `alice@laptop`, which notes name as the author of a command."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def report(run: RunHandle, stopped: Stopped | None, live: LiveRun) -> int:
    """Print on stderr how the run has ended, or that it continues, and return the exit code."""
    if stopped is None or run.detached:
        code = EXIT_CODES[stopped.reason] if stopped is not None else INTERRUPTED
        handle(Leaving(code))
        say(parting(live))
        return code
    handle(Leaving(EXIT_CODES[stopped.reason]))
    if live.run_dir is not None and stopped.step:
        report_ending(stopped, live.run_dir)
    else:
        if stopped.error:
            say(stopped.error)
        if stopped.step or not stopped.error:
            say(f"{stopped.reason} at step {stopped.step:,} · run {live.name}")
    return EXIT_CODES[stopped.reason]


def parting(live: LiveRun) -> str:
    """Return whether a run continues without this process, and the next action; a run of another machine counts as alive."""
    from jem_tui.stream.attach.lost_run import is_alive

    if live.run_dir is not None and not is_alive(live.run_dir):
        return f"Detached from {live.name}, whose process has ended. Display its recording with: {shlex.join(['jem-tui', 'replay', str(live.run_dir)])}"
    return f"Detached from {live.name}; the run continues. Attach again with: {live.command}"


def follow_lines(run: RunHandle) -> Stopped | None:
    """Print a run as plain lines until it has ended; return None after a signal, which detaches."""
    from jem_tui.cli.headless import on_stderr, on_stdout
    from jem_tui.stream.console.line_output import LoadingLines, PlainLines
    from jem_tui.stream.fan_out import fan_out

    show = fan_out(on_stderr(LoadingLines(sys.stderr)), on_stdout(PlainLines(sys.stdout)))
    handle(Interruption())
    try:
        worker = run.start()
        for event in worker.until_stopped():
            show(event)
        return worker.ended
    except KeyboardInterrupt:
        run.detached = True
        return None
    finally:
        if run.worker is not None:
            run.worker.close(PATIENCE)


def _shown(run: RunHandle, live: LiveRun) -> Stopped | None:
    from jem_tui.cli.screens.show_run import show_run

    stopped = show_run(run, live.run_dir or Path(), f"attach to {live.name}", ())
    if stopped is None and not run.leaving:
        say("The run is displayed as plain lines without the screen. Ctrl-C detaches; the run continues.")
    return stopped
