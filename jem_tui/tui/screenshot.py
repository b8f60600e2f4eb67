"""Screenshots and drawings as SVG and PNG files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

NOT_WRITTEN = "Could not save the picture: neither the run folder nor the current folder is writable. Free disk space, or start in another folder."


class PicturePlace(NamedTuple):
    """The run that a screen displays: its folder, "" without one, and its step, None without a run."""

    run_dir: str = ""
    step: int | None = None


def save_screenshot(content: str | bytes, place: PicturePlace, subject: str = "screen") -> str:
    """Write a new file of SVG (text) or PNG into the run folder, or else into the current folder, and return a sentence with its path.

    The name of the file begins with `subject`.
    """
    folders: list[Callable[[], Path]] = [*([lambda: Path(place.run_dir)] if place.run_dir else []), Path.cwd]
    name = subject if place.step is None else f"{subject}_step_{place.step:06d}"
    for folder in folders:
        # ValueError: the path is not valid for a file
        with suppress(OSError, ValueError):
            return f"Saved {_write(content, folder(), name)}"
    return NOT_WRITTEN


def _write(content: str | bytes, folder: Path, name: str) -> Path:
    """Write a file under a new name; on OSError, remove it and raise."""
    suffix = ".svg" if isinstance(content, str) else ".png"
    raw = content.encode("utf-8", "xmlcharrefreplace") if isinstance(content, str) else content
    for number in count(1):
        path = folder / (name + (f"-{number}" if number > 1 else "") + suffix)
        try:
            with path.open("xb") as file:
                _fill(path, lambda: file.write(raw), file.flush)
        except FileExistsError:
            continue
        return path
    raise AssertionError


def _fill(path: Path, *steps: Callable[[], object]) -> None:
    """Call `steps`, which fill the new file; on OSError, remove the file and raise."""
    try:
        for step in steps:
            step()
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise
