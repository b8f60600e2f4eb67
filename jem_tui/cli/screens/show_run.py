"""A run on the full screen, supervised: a screen that fails is started again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jem_tui.cli.messages import say
from jem_tui.cli.screens.app_setup import glyph_filters, refuse_unknown_driver, terminal_graphics, where_details_are
from jem_tui.printable import printable

if TYPE_CHECKING:
    from jem_tui.events.run import Stopped
    from jem_tui.tui.app import JemApp
    from jem_tui.tui.state.run_handle import RunHandle
    from jem_tui.tui.supervision.screen_failure import ScreenFailure


def show_run(
    run: RunHandle, run_dir: Path, label: str, folders: Sequence[Path], *, tour: bool = False
) -> Stopped | None:
    """Show a run until it has ended and the user has quit; return None if the screen keeps failing.

    The screen begins with the `tour`, if that is requested. Details of a failure are written to the first writable folder among `folders` and the user's cache folder.
    """
    from jem_tui.tui.terminal.process import disable_gc

    refuse_unknown_driver()
    disable_gc()
    from jem_tui.tui.app import JemApp
    from jem_tui.tui.preferences.preferences import Preferences, preferences_file
    from jem_tui.tui.supervised_screen import supervise_screen

    graphics = terminal_graphics()

    def make_app(notice: str) -> JemApp:
        app = JemApp(
            run,
            label=printable(label),
            run_dir=printable(str(run_dir)) if run_dir != Path() else "",
            preferences=Preferences.load(preferences_file()),
            glyphs=glyph_filters(),
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
