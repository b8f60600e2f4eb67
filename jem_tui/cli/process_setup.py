"""Preparation of a process for a command: streams, current folder, terminal size."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from jem_tui.cli.terminal import DRIVER_VARIABLE
from jem_tui.errors import InputError

MOST_CELLS = 10_000
"""Upper bound of the columns and rows of a terminal; a table of a larger width would exhaust the memory."""


def prepare_process() -> None:
    """Replace closed streams, escape characters that stdout cannot encode, and drop impossible terminal sizes.

    Raises InputError where there is no current folder: torch would end the process without a message.
    """
    replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for name in ("COLUMNS", "LINES"):
        if not possible_size(os.environ.get(name, "1")):
            del os.environ[name]
    if not os.environ.get(DRIVER_VARIABLE, "unset"):
        # Textual would search for a driver with an empty name.
        del os.environ[DRIVER_VARIABLE]
    try:
        Path.cwd()
    except OSError:
        raise InputError("The current folder no longer exists.", "Change to another folder.") from None


def limit_threads_of_numpy() -> None:
    """Let numpy calculate on one thread, unless the user has set a number; call this before numpy is imported.

    To start and to synchronize more threads costs more than they save on the products of a screen.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def replace_closed_streams() -> None:
    """Replace stdin, stdout and stderr by the null device where they are closed (`>&-`).

    A file that is opened later would otherwise get the number of a closed stream and receive its output.
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
    """Return whether a terminal can have this number of columns or rows."""
    return text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MOST_CELLS
