"""The screen as a file."""

from __future__ import annotations

from itertools import count
from pathlib import Path


def save_picture(svg: str, run_dir: str, step: int) -> str:
    """Write into the run folder or else into the current one, never over another file, and say where."""
    for folder in (Path(run_dir), Path.cwd()):
        try:
            return f"saved {_write(svg, folder, step)}"
        except OSError:
            continue
    return "The screenshot could not be written: neither the run folder nor the current one can be written to."


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
