"""The screen as a file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path


def save_picture(svg: str, folders: Sequence[Path], step: int) -> Path | None:
    """Write into the first of `folders` that can be written to, and never over another file; None if none can."""
    for folder in folders:
        try:
            return _write(svg, folder, step)
        except OSError:
            continue
    return None


def _write(svg: str, folder: Path, step: int) -> Path:
    for number in count(1):
        path = folder / (f"screen_step_{step:06d}" + (f"-{number}" if number > 1 else "") + ".svg")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(svg)
        except FileExistsError:
            continue
        return path
    raise AssertionError
