"""Choices of the user in the browser, which the command carries out after the browser has left the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class OpenRuns:
    """Open a run, live or as a replay, or replay several runs together."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ResumeRun:
    """Resume a training run with further words of the command line."""

    path: Path
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawImage:
    """Draw an image that the model of a run scores."""

    path: Path


@dataclass(frozen=True, slots=True)
class LeaveBrowser:
    """Leave the browser, because of a signal if `interrupted`."""

    interrupted: bool = False


BrowserChoice = OpenRuns | ResumeRun | DrawImage | LeaveBrowser
