"""Training and replays on the full screen."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from jem_tui.api.leading_rank import LeadingRank
from jem_tui.cli.messages import report_ending, say
from jem_tui.cli.screens.drawing_models import drawing_access
from jem_tui.cli.terminal import DRIVER_VARIABLE, wants_ascii
from jem_tui.errors import EXIT_CODES, InputError
from jem_tui.printable import printable
from jem_tui.signals import Leaving, handle
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.user_folders import cache_folder

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from jem_tui.events.commands import Command
    from jem_tui.events.run import Event, Note, ReportProgress, Stopped
    from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
    from jem_tui.stream.drive import OpenSource, Source
    from jem_tui.stream.writer.recorder import Recorder
    from jem_tui.tui.app import JemApp
    from jem_tui.tui.supervision.screen_failure import ScreenFailure


PATIENCE = 2.0
"""Seconds to wait for a replay to end."""


def run_screen(open_source: OpenSource, run_dir: Path, label: str, door: bool = True) -> int:
    """Train under the screen and return the exit code. With a `door`, other processes can watch and steer the run."""
    record = LateRecorder(run_dir, (lambda command: run.start().send(command)) if door else None)

    def open_both(report: ReportProgress) -> Source:
        from jem_tui.stream.inject_events import inject_notes
        from jem_tui.stream.replay.resume_history import with_earlier_steps

        return inject_notes(with_earlier_steps(open_source, run_dir), record.pending_notes)(report)

    run = RunHandle(driving(open_both, record), record.abandon)
    run.drawing = drawing_access(run_dir)
    if isinstance(open_source, LeadingRank):
        open_source.send = lambda command: run.start().send(command)
    stopped = show(run, run_dir, label, (run_dir,)) or follow_run(run)
    handle(Leaving(EXIT_CODES[stopped.reason]), by_run=True)
    report_ending(stopped, run_dir, record.loss_summary)
    leave_worker_behind(stopped, run_dir, record.abandon, open_source)
    return EXIT_CODES[stopped.reason]


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


def run_replay_screen(
    open_source: OpenSource,
    run_dir: Path,
    label: str,
    without_screen: Callable[[], None],
    attach: Callable[[], int] | None = None,
    *,
    tour: bool = False,
    of_package: bool = False,
    from_browser: bool = False,
) -> int:
    """Replay a recording on the screen and return the exit code, which does not depend on how the recorded run ended.

    `without_screen` prints the recording if the screen keeps failing. `attach` displays a run that is live in place of its
    recording, if the user chooses so, and returns the exit code. The screen begins with the `tour`, if that is requested.
    Screenshots of a recording `of_package` are saved in the current folder. The screen names the browser as the place to
    which it returns, if it was opened `from_browser`.
    """
    run = RunHandle(driving(open_source, discard), attachable=attach is not None)
    run.drawing, run.from_browser = drawing_access(run_dir), from_browser
    stopped = show(run, Path() if of_package else run_dir, label, (), tour=tour)
    if attach is not None and run.attach_requested:
        return attach()
    if stopped is None:
        return print_recording(run, without_screen)
    handle(Leaving(EXIT_CODES[stopped.reason]))
    if stopped.reason in ("failed", "refused") and stopped.error and not getattr(stopped, "step", 0):
        say(stopped.error)
    return EXIT_CODES[stopped.reason]


def print_recording(run: RunHandle, without_screen: Callable[[], None]) -> int:
    """Print a recording whose screen keeps failing, unless the user has quit; return the exit code."""
    if run.worker is not None:
        run.worker.close(PATIENCE)
    if run.leaving:
        return EXIT_CODES["interrupted" if run.interrupted else "stopped"]
    say("The recording is printed without the screen.")
    without_screen()
    return EXIT_CODES["finished"]


def follow_run(run: RunHandle) -> Stopped:
    """Print the rest of a run whose screen keeps failing."""
    from jem_tui.cli.headless import follow

    say("The run continues without the screen. Ctrl-C saves and ends it.")
    return follow(run.start(), run.session.state if run.session is not None else None, run.abandon)


def show(run: RunHandle, run_dir: Path, label: str, folders: Sequence[Path], *, tour: bool = False) -> Stopped | None:
    """Show a run until it has ended and the user has quit; return None if the screen keeps failing.

    The screen begins with the `tour`, if that is requested. Details of a failure are written to the first writable folder among `folders` and the user's cache folder.
    """
    from jem_tui.tui.terminal.process import disable_gc

    refuse_unknown_driver(os.environ.get(DRIVER_VARIABLE, ""))
    disable_gc()
    from jem_tui.tui.app import JemApp
    from jem_tui.tui.preferences.preferences import Preferences, preferences_file
    from jem_tui.tui.supervised_screen import supervise_screen
    from jem_tui.tui.terminal.graphics_probe import find_graphics, query_terminal

    graphics = None if wants_ascii() else find_graphics(os.environ, query_terminal)

    def make_app(notice: str) -> JemApp:
        app = JemApp(
            run,
            label=printable(label),
            run_dir=printable(str(run_dir)) if run_dir != Path() else "",
            preferences=Preferences.load(preferences_file()),
            glyphs=ascii_filters() if wants_ascii() else (),
            graphics=graphics,
            notice=notice,
            tour=tour and not notice,
        )
        app.keep_details = lambda failure: where_details_are(failure, folders)
        return app

    return supervise_screen(run, make_app, lambda failure: say_failure(failure, folders))


def say_failure(failure: ScreenFailure, folders: Sequence[Path]) -> str:
    """Print on stderr why the screen failed and where the details are; return a notice for the next screen."""
    where = where_details_are(failure, folders)
    say(f"{failure.sentence} {where}")
    return printable(f"{failure.sentence} The run was not affected, and the screen was started again. {where}")


def where_details_are(failure: ScreenFailure, folders: Sequence[Path]) -> str:
    """Write the details of a failure to a file and return a sentence with its path."""
    from jem_tui.tui.supervision.screen_failure import write_details

    own = cache_folder()
    if own is not None:
        with suppress(OSError):
            own.mkdir(parents=True, exist_ok=True)
    path = write_details(failure, (*folders, own))
    return printable(f"Details: {path}") if path is not None else "The details could not be written."


def refuse_unknown_driver(name: str) -> None:
    """Raise InputError unless `name`, of the form `module:Class`, is a driver of Textual."""
    if not name:
        return
    from textual.driver import Driver

    module, _, symbol = name.partition(":")
    try:
        found = getattr(import_module(module), symbol)
    except (ImportError, AttributeError, ValueError):
        found = None
    if not (isinstance(found, type) and issubclass(found, Driver)):
        raise InputError(f"{DRIVER_VARIABLE} is not a driver of Textual: {name}.", f"Unset {DRIVER_VARIABLE}.")


def ascii_filters() -> Sequence[LineFilter]:
    """Return the filters that replace every glyph by ASCII characters."""
    from jem_tui.tui.repaint.ascii_filter import AsciiFilter

    return [AsciiFilter()]


class LateRecorder:
    """A recorder that is imported with its first event, after the first frame of the screen."""

    def __init__(self, run_dir: Path, send: Callable[[Command], None] | None) -> None:
        """Prepare a recording. Commands of other processes are passed to `send`; None keeps other processes out."""
        self._run_dir = run_dir
        self._send = send
        self._recorder: Recorder | AttachableRecorder | None = None

    def __call__(self, event: Event) -> None:
        if self._recorder is None:
            self._recorder = self._open()
        self._recorder(event)

    def pending_notes(self) -> list[Note]:
        """Return the notes about the recording itself."""
        return self._recorder.pending_notes() if self._recorder is not None else []

    def abandon(self) -> None:
        """Mark the run as interrupted because the process ends at once."""
        if self._recorder is not None:
            self._recorder.abandon()

    def _open(self) -> Recorder | AttachableRecorder:
        if self._send is not None:
            from jem_tui.stream.attach.attachable_recorder import AttachableRecorder

            return AttachableRecorder(self._run_dir, sys.argv, self._send)
        from jem_tui.stream.writer.recorder import Recorder

        return Recorder(self._run_dir, sys.argv)

    @property
    def loss_summary(self) -> str:
        """Summary of the events that could not be recorded."""
        return self._recorder.loss_summary if self._recorder is not None else ""


def discard(event: Event) -> None:
    """Discard the event, since a replay is not recorded."""
