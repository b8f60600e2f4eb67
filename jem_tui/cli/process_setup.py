"""The streams, the folder and the terminal size of a process, made usable before a command starts."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from jem_tui.cli.terminal import DRIVER_VARIABLE
from jem_tui.errors import InputError

MOST_CELLS = 10_000
"""No terminal has more columns or rows; a wider table would only fill the memory."""


def prepare_process() -> None:
    """Give closed streams a place, have letters that stdout lacks spelled out, and forget impossible terminal sizes.

    Raises InputError where there is no current folder: torch would end the process without a message.
    """
    give_closed_streams_a_place()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for name in ("COLUMNS", "LINES"):
        if not possible_size(os.environ.get(name, "1")):
            del os.environ[name]
    if not os.environ.get(DRIVER_VARIABLE, "unset"):
        # Textual would look for a driver with an empty name
        del os.environ[DRIVER_VARIABLE]
    try:
        Path.cwd()
    except OSError:
        raise InputError("The current folder does not exist any more.", "Change to another folder.") from None


def give_closed_streams_a_place() -> None:
    """Replace stdin, stdout or stderr that was closed (`>&-`) by the null device, so that nothing fails or lands in another file.

    The system gives a file that is opened later the lowest free number, which must be none of these three.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115


def possible_size(text: str) -> bool:
    """Return whether a terminal can have so many columns or rows."""
    return text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MOST_CELLS
