"""The parts of an app that depend on its environment, for runs, the browser and the draw screen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jem_tui.cli.terminal import DRIVER_VARIABLE, wants_ascii
from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.user_folders import cache_folder

if TYPE_CHECKING:
    from jem_tui.tui.repaint.ascii_filter import AsciiFilter
    from jem_tui.tui.supervision.screen_failure import ScreenFailure
    from jem_tui.tui.terminal.graphics_probe import Graphics


def refuse_unknown_driver() -> None:
    """Raise InputError if the environment names a driver, as `module:Class`, that is not one of Textual."""
    name = os.environ.get(DRIVER_VARIABLE, "")
    if not name:
        return
    from jem_tui.tui.terminal.driver_name import names_driver

    if not names_driver(name):
        raise InputError(f"{DRIVER_VARIABLE} is not a driver of Textual: {name}.", f"Unset {DRIVER_VARIABLE}.")


def glyph_filters() -> Sequence[AsciiFilter]:
    """Return the filters that replace every glyph by ASCII characters; none where the terminal displays all glyphs."""
    if not wants_ascii():
        return ()
    from jem_tui.tui.repaint.ascii_filter import AsciiFilter

    return (AsciiFilter(),)


def terminal_graphics() -> Graphics | None:
    """Return the graphics protocol of the terminal; None without one, and where the screen is drawn with ASCII alone."""
    from jem_tui.tui.terminal.graphics_probe import find_graphics, query_terminal

    return None if wants_ascii() else find_graphics(os.environ, query_terminal)


def where_details_are(failure: ScreenFailure, folders: Sequence[Path]) -> str:
    """Write the details of a failure to a file and return a sentence with its path."""
    from jem_tui.tui.supervision.screen_failure import write_details

    own = cache_folder()
    if own is not None:
        with suppress(OSError):
            own.mkdir(parents=True, exist_ok=True)
    path = write_details(failure, (*folders, own))
    return printable(f"Details: {path}") if path is not None else "The details could not be written."
