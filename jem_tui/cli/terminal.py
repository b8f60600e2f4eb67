"""What all faces of a run share: whether there is a terminal, and the last lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jem_tui.printable import printable
from jem_tui.stream.fan_out import PATIENCE, drop, takes_text

if TYPE_CHECKING:
    from jem_tui.events.left_out import LeftOut
    from jem_tui.events.run import Stopped

ASCII_VARIABLE = "JEM_TUI_ASCII"
DRIVER_VARIABLE = "TEXTUAL_DRIVER"
"""Variable that names the driver of the screen in place of the terminal; `jem-tui serve` sets it."""


def capable_terminal() -> bool:
    """Whether stdout is a terminal that can move its cursor, or a browser that shows one (`jem-tui serve`)."""
    return has_driver() or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def attended_terminal() -> bool:
    """Whether the screen can be shown: Textual draws on stderr and reads keys from stdin."""
    open_ones = [stream for stream in (sys.stdin, sys.stderr) if stream is not None]
    reached = len(open_ones) == 2 and all(stream.isatty() for stream in open_ones)
    return capable_terminal() and (reached or has_driver())


def has_driver() -> bool:
    """Return whether the screen has a driver of its own, which needs no terminal."""
    return bool(os.environ.get(DRIVER_VARIABLE))


def wants_ascii() -> bool:
    """Whether the screen is to be drawn with ASCII alone: by `--ascii`, or by a locale that does not write UTF-8."""
    if os.environ.get(ASCII_VARIABLE):
        return True
    asked = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "UTF-8")
    return "utf-8" not in asked.lower() and "utf8" not in asked.lower()


def say(text: str) -> None:
    """Print one line of the program's own on stderr; a stderr that cannot be written or that nobody reads changes nothing."""
    if not takes_text(sys.stderr, PATIENCE):
        return
    try:
        print(f"jem-tui: {printable(text)}", file=sys.stderr, flush=True)
    except OSError:
        drop(sys.stderr)


def report_left_out(logdir: Path, left_out: LeftOut) -> None:
    """Print on stderr what a recording holds and is neither shown nor exported, if anything."""
    if sentences := left_out.sentences():
        say(f"{logdir}: left out: {' '.join(sentences)}")


def tell_ending(stopped: Stopped, run_dir: Path, toll: str = "") -> None:
    """Say on stderr what went wrong, if anything, what the recording lacks, and where the run and its newest checkpoint are."""
    for line in _ending(stopped, run_dir, toll):
        say(line)


def _ending(stopped: Stopped, run_dir: Path, toll: str) -> Iterator[str]:
    yield from filter(None, (stopped.error, toll))
    if not (run_dir / "run.json").exists():
        return
    if stopped.details and (run_dir / "error.txt").exists():
        yield f"the details are in {run_dir / 'error.txt'}"
    checkpoint = newest_checkpoint(run_dir)
    where = f"checkpoint {checkpoint.relative_to(run_dir)}" if checkpoint else "no checkpoint"
    yield f"{stopped.reason} at step {stopped.step:,} · run {run_dir} · {where}"


def newest_checkpoint(run_dir: Path) -> Path | None:
    """Return the checkpoint of the latest step, if there is one."""
    found = (run_dir / "checkpoints").glob("step_*.pt")
    return max(found, key=lambda path: (len(path.name), path.name), default=None)
