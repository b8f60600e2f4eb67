"""Replays on the full screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from jem_tui.cli.messages import say
from jem_tui.cli.screens.drawing_models import drawing_access
from jem_tui.cli.screens.show_run import show_run
from jem_tui.errors import EXIT_CODES
from jem_tui.signals import Leaving, handle
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.state.screen_role import ScreenRole

if TYPE_CHECKING:
    from jem_tui.events.run import Event
    from jem_tui.stream.drive import OpenSource

PATIENCE = 2.0
"""Seconds to wait for a replay to end."""


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
    role = ScreenRole(attachable=attach is not None, from_browser=from_browser)
    run = RunHandle(driving(open_source, discard), role=role)
    run.drawing = drawing_access(run_dir)
    stopped = show_run(run, Path() if of_package else run_dir, label, (), tour=tour)
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


def discard(event: Event) -> None:
    """Discard the event, since a replay is not recorded."""
