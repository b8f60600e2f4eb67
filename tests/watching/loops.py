"""Loops to watch, and the events that they have recorded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar

import numpy as np

import jem_tui
from jem_tui.events.event import Event
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.runs.run_dir import read_run_file

Kind = TypeVar("Kind", bound=Event)


def recorded(folder: Path, kind: type[Kind] | UnionType) -> list[Kind]:
    """Return the recorded events of one kind."""
    return [event for event in read_events(folder) if isinstance(event, kind)]


def status(folder: Path) -> str:
    return read_run_file(folder).status


def pictures(count: int = 4, side: int = 6, seed: int = 0) -> Any:
    """Return images (n, 1, height, width) in [−1, 1]."""
    return np.random.default_rng(seed).uniform(-1, 1, (count, 1, side, side)).astype(np.float32)


def take_steps(run: jem_tui.WatchedRun, count: int, *commands: Any) -> None:
    """Send commands, then take some steps."""
    for command in commands:
        run.send(command)
    for _ in range(count):
        run.step(images=10, loss=1 / (run.steps + 1))


def losses(folder: Path) -> Sequence[float]:
    from jem_tui.events.run import StepDone

    return [event.metrics["loss"] for event in recorded(folder, StepDone)]


def kinds(events: list[Event], kind: type[Any]) -> list[Any]:
    """Return the events of one kind."""
    return [event for event in events if isinstance(event, kind)]
