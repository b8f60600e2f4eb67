"""Exceptions of user code in one line: what was raised, and where in the user's files."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from traceback import walk_tb
from types import FrameType

from jem_tui.message_text import shortened
from jem_tui.printable import printable

LIBRARIES = sys.stdlib_module_names | {
    *("PIL", "functorch", "google", "jem_tui", "matplotlib", "numpy", "psutil", "pynvml", "scipy", "tensorboard"),
    *("textual", "torch", "torchgen", "torchvision", "triton"),
}
"""Packages, this program included, whose frames a message skips, because the user's line that called them is more helpful."""
LONGEST_CAUSE = 300
"""Maximum number of characters of an exception's text in a message."""


def describe_exception(error: BaseException) -> str:
    """Return an exception in one line, with file and line where user code has raised it: `ValueError: too deep (mynet.py, line 12)`."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    cause = shortened(printable(text.strip()), LONGEST_CAUSE).rstrip(".")
    place = user_line(error)
    return f"{type(error).__name__}{': ' if cause else ''}{cause}{f' ({place})' if place else ''}"


def user_line(error: BaseException) -> str:
    """Return the innermost line of user code, as `mynet.py, line 12`; an empty string if none was running."""
    if isinstance(error, SyntaxError) and error.filename:
        return _line(error.filename, error.lineno or 0)
    for frame, number in reversed(list(walk_tb(error.__traceback__))):
        if _package(frame) not in LIBRARIES:
            return _line(frame.f_code.co_filename, number)
    return ""


def _package(frame: FrameType) -> str:
    """Return the top-level package of the code in a frame."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _line(file: str, number: int) -> str:
    path = Path(file)
    with suppress(OSError, ValueError):
        path = path.relative_to(Path.cwd())
    return f"{printable(str(path))}, line {number}"
