"""The file of a sweep: the settings and options that each of its runs was started with, and the runs that were stopped early."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from jem_tui.atomic_file import replace_file
from jem_tui.errors import InputError
from jem_tui.launch.sweep_run import SweepRun
from jem_tui.message_text import shortened
from jem_tui.printable import printable
from jem_tui.regular_file import read_regular
from jem_tui.stream.runs.json_file import parse_json

SWEEP_FILE = "sweep.json"
SCHEMA = 1
MOST_BYTES = 64 << 20
LONGEST_COMMAND = 300
"""Maximum number of characters of a command line that a message repeats."""


class StartedWith(NamedTuple):
    """The settings and options of a run of a sweep."""

    settings: list[str]
    """All settings as `section.key=value`, sorted."""
    options: list[str]
    """Options of `train`."""

    @property
    def words(self) -> str:
        """The settings and options as on a command line."""
        text = shlex.join([*(word for setting in self.settings for word in ("-s", setting)), *self.options])
        return shortened(printable(text), LONGEST_COMMAND) or "no settings"


class SweepFile:
    """The content of `sweep.json` in the folder of a sweep."""

    def __init__(self, folder: Path, options: Sequence[str]) -> None:
        """Read the file, if there is one, for a sweep with these `options` of `train`.

        Raises InputError for a damaged file, and for a folder that belongs to something else.
        """
        self._folder = folder
        self._options = list(options)
        content = _read(folder)
        try:
            self.stopped_early = set(_texts(content["stopped_early"]))
            self._runs = {str(name): _started_with(entry) for name, entry in dict(content.get("runs", {})).items()}
        except (KeyError, TypeError, ValueError):
            raise InputError(
                f"{folder / SWEEP_FILE} is damaged.", "Restore it, or choose a new folder with --dir."
            ) from None

    def add(self, runs: Iterable[SweepRun]) -> None:
        """Add the runs of the grid. Raises InputError if a run was started with other settings or options."""
        for run in runs:
            given = StartedWith(sorted(run.point.words), self._options)
            recorded = self._runs.get(run.point.name, given)
            if run.began and recorded != given:
                raise InputError(
                    f"The run in {run.folder} was started with {recorded.words}, and not with {given.words}.",
                    "Repeat its settings and options, or choose a new folder with --dir.",
                )
            self._runs[run.point.name] = given

    def save(self) -> None:
        """Write the file. A file that cannot be written ends no run."""
        content = {
            "schema": SCHEMA,
            "options": self._options,
            "stopped_early": sorted(self.stopped_early),
            "runs": {name: started._asdict() for name, started in self._runs.items()},
        }
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            replace_file(self._folder / SWEEP_FILE, (json.dumps(content, indent=2) + "\n").encode())


def _read(folder: Path) -> dict[str, Any]:
    """Return the content of the file, and that of an empty sweep for a new folder. Raises InputError."""
    path = folder / SWEEP_FILE
    try:
        content = parse_json(read_regular(path, MOST_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"{folder} is not the folder of a sweep.", "Choose a new folder with --dir.") from None
        return {"stopped_early": []}
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read ({error}).", "Restore it, or choose a new folder with --dir."
        ) from error
    return content if isinstance(content, dict) and content.get("schema") == SCHEMA else {}


def _started_with(entry: Any) -> StartedWith:
    """Return the record of a run. Raises KeyError, TypeError and ValueError for anything else."""
    return StartedWith(_texts(entry["settings"]), _texts(entry["options"]))


def _texts(value: Any) -> list[str]:
    """Return a list of texts. Raises ValueError for anything else."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError("not a list of texts")
    return value
