"""A failure of the screen, and the file that has the details."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

MOST_FILES = 100
"""Files of details in one folder."""
LONGEST_CAUSE = 200


@dataclass(frozen=True, slots=True)
class ScreenFailure:
    """An exception of the screen, or its silence."""

    cause: str
    details: str
    hung: bool = False
    """Whether the screen did not answer any more."""

    @classmethod
    def of(cls, error: BaseException) -> ScreenFailure:
        """Return the failure that an exception is."""
        text = " ".join(str(error).split())
        cause = f"{type(error).__name__}: {text}" if text else type(error).__name__
        return cls(cause[:LONGEST_CAUSE], "".join(traceback.format_exception(error)))

    @property
    def sentence(self) -> str:
        """The state in a sentence."""
        return self.cause if self.hung else f"The screen failed ({self.cause})."


def write_details(failure: ScreenFailure, folders: Iterable[Path | None]) -> Path | None:
    """Write the details into the first folder that takes them, or into the one for temporary files.

    Return the new file, or None where nothing can be written.
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
    """Write a file of a new name, never over another one."""
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
