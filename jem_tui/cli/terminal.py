"""Capabilities of the terminal that a command runs in."""

from __future__ import annotations

import os
import sys

ASCII_VARIABLE = "JEM_TUI_ASCII"
UNBOUNDED = 100_000
"""Width in columns of tables that are not printed on a terminal."""
DRIVER_VARIABLE = "TEXTUAL_DRIVER"
"""Variable that names the driver of the screen in place of the terminal; `jem-tui serve` sets it."""


def capable_terminal() -> bool:
    """Return whether stdout is a terminal that can move its cursor, or a browser that shows one (`jem-tui serve`)."""
    return has_driver() or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def attended_terminal() -> bool:
    """Return whether the screen can be shown, for which Textual needs stderr to draw on and stdin to read keys from."""
    both_ends = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    return capable_terminal() and (both_ends or has_driver())


def has_driver() -> bool:
    """Return whether the screen has a driver of its own, which needs no terminal."""
    return bool(os.environ.get(DRIVER_VARIABLE))


def table_width() -> int | None:
    """Return the width of printed tables; None for that of the terminal."""
    return None if sys.stdout.isatty() else UNBOUNDED


def wants_ascii() -> bool:
    """Return whether the screen is drawn with ASCII alone, because of `--ascii`, or of a locale that does not write UTF-8."""
    if os.environ.get(ASCII_VARIABLE):
        return True
    locale = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "UTF-8")
    return "utf-8" not in locale.lower() and "utf8" not in locale.lower()
