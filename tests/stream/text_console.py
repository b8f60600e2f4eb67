"""Rich consoles that print into memory."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console


class Ascii(io.StringIO):
    """A text stream that claims to be ASCII."""

    encoding = "ascii"


def console(width: int = 80, **options: Any) -> Console:
    """Make a console that prints into memory, independent of the environment."""
    return Console(**{"file": io.StringIO(), "width": width, "_environ": {}, **options})


def text(shown: Console) -> str:
    """Return everything that a console has printed."""
    assert isinstance(shown.file, io.StringIO)
    return shown.file.getvalue()
