"""Failures of the screen, and files with their details."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

MOST_FILES = 100
"""Maximum number of files with details in one folder."""
LONGEST_CAUSE = 200


@dataclass(frozen=True, slots=True)
class ScreenFailure:
    """An exception of the screen, or a screen that is frozen."""

    cause: str
    details: str
    hung: bool = False
    """True for a frozen screen."""

    @classmethod
    def of(cls, error: BaseException) -> ScreenFailure:
        """Create a failure from an exception."""
        text = " ".join(str(error).split())
        cause = f"{type(error).__name__}: {text}" if text else type(error).__name__
        return cls(cause[:LONGEST_CAUSE], "".join(traceback.format_exception(error)))

    @property
    def sentence(self) -> str:
        """The failure in a sentence."""
        return self.cause if self.hung else f"The screen failed ({self.cause})."


def write_details(failure: ScreenFailure, folders: Iterable[Path | None]) -> Path | None:
    """Write the details into the first writable folder, or into the folder for temporary files.

    Return the path of the new file, or None if no folder is writable.
    """
    for folder in (*folders, _temporary_folder()):
        if folder is not None and (path := _write(failure.details, folder)) is not None:
            return path
    return None


def _temporary_folder() -> Path | None:
    try:
        return Path(tempfile.gettempdir())
    except OSError:
        return None


def _write(details: str, folder: Path) -> Path | None:
    """Write a new file without overwriting another."""
    for number in count(1):
        path = folder / f"screen-error-{number}.txt"
        try:
            with path.open("x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(details)
        except FileExistsError:
            if number == MOST_FILES:
                return None
            continue
        except OSError:
            return None
        return path
    return None
