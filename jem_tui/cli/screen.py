"""A run, or a replay, on the full screen."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from jem_tui.cli.terminal import DRIVER_VARIABLE, say, tell_ending, wants_ascii
from jem_tui.errors import EXIT_CODES, InputError
from jem_tui.stream.printable import printable

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from jem_tui.events import Event, Note, Stopped
    from jem_tui.stream.drive import OpenSource, Report, Sink, Source
    from jem_tui.stream.recorder import Recorder


def run_screen(open_source: OpenSource, run_dir: Path, label: str) -> int:
    """Train under the screen; returns the exit code."""
    record = LateRecorder(run_dir)

    def open_both(report: Report) -> Source:
        from jem_tui.stream.announcing import with_news
        from jem_tui.stream.past import with_past

        return with_news(with_past(open_source, run_dir), record.news)(report)

    stopped = show(open_both, record, run_dir, label)
    tell_ending(stopped, run_dir, record.toll)
    leave_worker_behind(stopped, run_dir)
    return EXIT_CODES[stopped.reason]


def leave_worker_behind(stopped: Stopped, run_dir: Path) -> None:
    """After "stop now" in the middle of a long step: end the process under the worker, which is still inside torch.

    An interpreter that shuts down around such a thread can crash.
    """
    from jem_tui.stream.drive import WORKER_NAME

    if not any(thread.name == WORKER_NAME and thread.is_alive() for thread in threading.enumerate()):
        return
    from jem_tui.stream.rundir import mark_ended

    mark_ended(run_dir, "interrupted" if stopped.reason == "interrupted" else "stopped")
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(EXIT_CODES[stopped.reason])


def run_replay_screen(open_source: OpenSource, run_dir: Path, label: str) -> int:
    """Play a recording on the screen; however the recorded run ended, watching it succeeds unless it cannot be read."""
    stopped = show(open_source, forget, run_dir, label)
    if stopped.reason in ("failed", "refused") and stopped.error and not getattr(stopped, "step", 0):
        say(stopped.error)
    return EXIT_CODES[stopped.reason]


def show(open_source: OpenSource, record: Sink, run_dir: Path, label: str) -> Stopped:
    """The app from first paint to quit, with the user's preferences."""
    from jem_tui.tui.garbage import put_off_garbage

    refuse_unknown_driver(os.environ.get(DRIVER_VARIABLE, ""))
    put_off_garbage()
    from jem_tui.tui.app import JemApp
    from jem_tui.tui.graphics import ask_terminal, find_graphics
    from jem_tui.tui.preferences import Preferences, preferences_file

    stopped = JemApp(
        open_source,
        record,
        label=printable(label),
        run_dir=printable(str(run_dir)),
        preferences=Preferences.load(preferences_file()),
        glyphs=ascii_filters() if wants_ascii() else (),
        graphics=None if wants_ascii() else find_graphics(os.environ, ask_terminal),
    ).run()
    from jem_tui.events import Stopped

    return stopped or Stopped(step=0, images=0, time=0.0, reason="stopped")


def refuse_unknown_driver(name: str) -> None:
    """Raise InputError unless Textual can draw with the driver of that name, as in `module:Class`."""
    if not name:
        return
    from textual.driver import Driver

    module, _, symbol = name.partition(":")
    try:
        found = getattr(import_module(module), symbol)
    except (ImportError, AttributeError, ValueError):
        found = None
    if not (isinstance(found, type) and issubclass(found, Driver)):
        raise InputError(f"{DRIVER_VARIABLE} names no driver of Textual: {name}.", f"Unset {DRIVER_VARIABLE}.")


def ascii_filters() -> Sequence[LineFilter]:
    """What turns every glyph into one that any terminal has."""
    from jem_tui.tui.raster.ascii import Ascii

    return [Ascii()]


class LateRecorder:
    """A recorder that is imported with its first event, after the screen has been painted."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._recorder: Recorder | None = None

    def __call__(self, event: Event) -> None:
        if self._recorder is None:
            from jem_tui.stream.recorder import Recorder

            self._recorder = Recorder(self._run_dir, sys.argv)
        self._recorder(event)

    def news(self) -> list[Note]:
        """What is to be told about the recording itself."""
        return self._recorder.news() if self._recorder is not None else []

    @property
    def toll(self) -> str:
        """What the record lacks in the end."""
        return self._recorder.toll if self._recorder is not None else ""


def forget(event: Event) -> None:
    """A recording is not recorded again."""
