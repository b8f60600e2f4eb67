"""`jem-tui browse`, which is also `jem-tui` without a command on a terminal: the run browser."""

from __future__ import annotations

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.messages import say
from jem_tui.cli.process_setup import limit_threads_of_numpy
from jem_tui.cli.terminal import attended_terminal, has_driver
from jem_tui.errors import EXIT_CODES, InputError, JemError
from jem_tui.signals import INTERRUPTED, Interruption, handle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jem_tui.tui.browser.browser_choice import BrowserChoice
    from jem_tui.tui.browser.browser_state import BrowserState

FOR_FIRST_SIGTERM = getattr(signal, "SIGUSR1", signal.SIGTERM)
"""The signal that a command receives in place of the first SIGTERM; both are requests to save and end. A SIGTERM to the whole process
group has already reached the command, which a second SIGTERM would end without saving."""

Root = Annotated[
    Path | None,
    typer.Argument(
        metavar="ROOT", help="Folder to search (default: ./runs, else the current folder if it holds runs)."
    ),
]


def browse(root: Root = None) -> None:
    """Display recorded runs as a table with a preview: open, compare, evaluate, resume, label and delete them."""
    if not attended_terminal():
        raise InputError("The run browser needs a terminal.", "List the runs with jem-tui runs.")
    limit_threads_of_numpy()
    from jem_tui.tui.browser.browser_state import BrowserState

    raise typer.Exit(browse_until_left(BrowserState(folder_of_runs(root))))


def folder_of_runs(root: Path | None) -> Path:
    """Return the folder to search, by default that of `searched_folder`. Raises InputError if a given folder does not exist."""
    from jem_tui.stream.runs.find_runs import searched_folder

    if root is not None and not root.is_dir():
        raise InputError(f"There is no folder {root}.", "Pass a folder that contains runs.")
    return searched_folder(root)


def browse_until_left(state: BrowserState) -> int:
    """Show the browser, and again after each run that was opened from it, until the user leaves; return the exit code."""
    from jem_tui.tui.browser.browser_choice import LeaveBrowser

    try:
        while True:
            handle(Interruption())
            choice = shown_browser(state)
            if choice is None:
                return EXIT_CODES["failed"]
            if isinstance(choice, LeaveBrowser):
                return INTERRUPTED if choice.interrupted else EXIT_CODES["finished"]
            try:
                if carried_out(choice):
                    return INTERRUPTED
            except JemError as error:
                state.notice = str(error)
            if not attended_terminal():
                return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED


def shown_browser(state: BrowserState) -> BrowserChoice | None:
    """Show the browser once and return what the user has chosen; None after a failure, which is reported."""
    from jem_tui.cli.screens.app_setup import (
        glyph_filters,
        refuse_unknown_driver,
        terminal_graphics,
        where_details_are,
    )
    from jem_tui.tui.browser.browser_app import BrowserApp
    from jem_tui.tui.preferences.preferences import Preferences, preferences_file
    from jem_tui.tui.supervised_screen import launch_app
    from jem_tui.tui.terminal.process import disable_gc

    refuse_unknown_driver()
    disable_gc()
    app = BrowserApp(
        state,
        preferences=Preferences.load(preferences_file()),
        glyphs=glyph_filters(),
        graphics=terminal_graphics(),
    )
    app.keep_details = lambda failure: where_details_are(failure, ())
    choice = launch_app(app)
    if app.failure is not None:
        say(f"{app.failure.sentence} {where_details_are(app.failure, ())}")
        return None
    return choice


def carried_out(choice: BrowserChoice) -> bool:
    """Carry out what was chosen, and return whether a signal has ended it. Raises JemError."""
    from jem_tui.tui.browser.browser_choice import DrawImage, OpenRuns, ResumeRun

    match choice:
        case OpenRuns(paths=paths):
            return opened(paths)
        case ResumeRun(path=path, words=words):
            return run_command(["train", "--resume", str(path), *words])
        case DrawImage(path=path):
            return run_command(["draw", str(path)])
    return False


def opened(paths: Sequence[Path]) -> bool:
    """Attach to a live run, or replay runs, and return whether a signal has ended that. Raises JemError."""
    from jem_tui.cli.attach import local_run
    from jem_tui.cli.open_replayer import replayer_opener
    from jem_tui.cli.replay import DEFAULT_SPEED, is_live_here, named, print_all
    from jem_tui.cli.screens.attached_run import displayed
    from jem_tui.cli.screens.replay_screen import run_replay_screen

    if len(paths) == 1 and is_live_here(paths[0]):
        return displayed(local_run(str(paths[0])), view_only=False, from_browser=True)[0].interrupted
    label, opener = f"replay of {named(paths)}", replayer_opener(paths, DEFAULT_SPEED)
    code = run_replay_screen(opener, paths[0], label, partial(print_all, paths), from_browser=True)
    return code == INTERRUPTED


def run_command(words: Sequence[str]) -> bool:
    """Run a command of this program in this terminal, and return whether a signal has ended the browser meanwhile.

    After a failure, wait until the user has read its message.
    """
    try:
        code, received = attended([sys.executable, "-P", "-m", "jem_tui", *words])
    except OSError as error:
        raise JemError(f"Could not start {words[0]}: {error.strerror}.") from error
    if any(number != signal.SIGINT for number in received):
        return True
    handle(Interruption())
    if code not in (0, INTERRUPTED):
        report_failed_command(words[0], code)
    return False


def attended(command: Sequence[str]) -> tuple[int, Sequence[int]]:
    """Run a command to its end and pass on signals; return its exit code and the signals received. Raises OSError if it cannot start."""
    received: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        first = number not in received
        received.append(number)
        # The terminal sends Ctrl-C to both processes
        if process is not None and number != signal.SIGINT:
            process.send_signal(FOR_FIRST_SIGTERM if first and number == signal.SIGTERM else number)

    process: subprocess.Popen[bytes] | None = None
    handle(pass_on)
    process = subprocess.Popen(command)
    return process.wait(), received


def report_failed_command(name: str, code: int) -> None:
    """Wait until the user has read what a command has printed. Raises JemError in a browser, which does not display that."""
    if has_driver():
        raise JemError(f"{name} has failed with exit code {code}. Its message is in the terminal of jem-tui serve.")
    print("jem-tui: Press enter to return to the runs.", file=sys.stderr, end="", flush=True)
    sys.stdin.readline()
