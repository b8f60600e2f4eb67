"""Screenshots as SVG and PNG files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path


def save_screenshot(content: str | bytes, run_dir: str, step: int) -> str:
    """Write a new file of SVG (text) or PNG into the run folder, or else into the current folder, and return a sentence with its path."""
    folders: tuple[Callable[[], Path], ...] = (lambda: Path(run_dir), Path.cwd)
    for folder in folders:
        # ValueError: the path is not valid for a file
        with suppress(OSError, ValueError):
            return f"saved {_write(content, folder(), step)}"
    return "The screenshot could not be written: neither the run folder nor the current one can be written to."


def _write(content: str | bytes, folder: Path, step: int) -> Path:
    """Write a file under a new name; on OSError, remove it and raise."""
    suffix = ".svg" if isinstance(content, str) else ".png"
    raw = content.encode("utf-8", "xmlcharrefreplace") if isinstance(content, str) else content
    for number in count(1):
        path = folder / (f"screen_step_{step:06d}" + (f"-{number}" if number > 1 else "") + suffix)
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
