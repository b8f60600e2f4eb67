"""Run folders: their names, and the file `run.json` that describes the run."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from jem_tui.atomic_file import NO_ROOM, overwrite_file, replace_file
from jem_tui.errors import InputError
from jem_tui.json_values import plain, restored
from jem_tui.message_text import shortened
from jem_tui.run_files import RUN_FILE, SHARED_FILE_PREFIX
from jem_tui.stream.runs.json_file import read_json
from jem_tui.stream.runs.run_file_fields import (
    COUNT,
    NAMED_TEXTS,
    NUMBER,
    SCORE,
    SETTINGS,
    TABLE,
    TEXT,
    TEXT_OR_NOTHING,
    TEXTS,
    WHOLE,
    FieldKind,
    check_fields,
    is_whole,
    one_of,
)
from jem_tui.stream.runs.run_lock import LOCK_FILE, PRESENCE_FILE, RunLock, take_run_lock

SCHEMA = 1
Status = Literal["running", "finished", "stopped", "interrupted", "failed", "diverged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """The content of run.json: settings, versions, state and progress of a run. Times in Unix seconds."""

    schema: int = SCHEMA
    versions: Mapping[str, str]
    argv: tuple[str, ...]
    config: Mapping[str, Any]
    """The resolved settings."""
    seed: int
    device: str
    status: Status
    step: int
    images: int
    started: float
    updated: float
    accuracy: float | None = None
    """The accuracy of the newest evaluation, a fraction; None before the first one."""
    accuracy_split: str | None = None
    """The images of that evaluation: `validation`, `test`, or the word of a watched loop; None where unknown."""
    dataset: Mapping[str, Any] = field(default_factory=dict)
    """The report on the data set with its fingerprint; empty where the file has none."""
    energy_joules: float | None = None
    """Electrical energy in joules that the whole device has used during the run; None where unknown."""


_KINDS: dict[str, FieldKind] = {
    "schema": WHOLE,
    "versions": NAMED_TEXTS,
    "argv": TEXTS,
    "config": SETTINGS,
    "seed": WHOLE,
    "device": TEXT,
    "status": one_of(get_args(Status)),
    "step": COUNT,
    "images": COUNT,
    "started": NUMBER,
    "updated": NUMBER,
}
_KINDS_ADDED: dict[str, FieldKind] = {
    "accuracy": SCORE,
    "accuracy_split": TEXT_OR_NOTHING,
    "dataset": TABLE,
    "energy_joules": SCORE,
}
"""Optional fields."""


def default_root() -> Path:
    """Return the default folder of new runs."""
    return Path("runs")


def new_run_dir(root: Path, label: str, now: Callable[[], float] = time.time) -> Path:
    """Return an unused folder name such as `runs/2026-11-23_1812-mnist-mini-3f9c`, in local time, without creating the folder."""
    stamp = time.strftime("%Y-%m-%d_%H%M", time.localtime(now()))
    safe_label = re.sub(r"[^a-z0-9.]+", "-", label.lower()).strip("-.")[:40].rstrip("-.") or "run"
    while True:
        path = root / f"{stamp}-{safe_label}-{secrets.token_hex(2)}"
        if not path.exists():
            return path


def claim_run_dir(path: Path) -> Path:
    """Return the folder if a run may be written there: new or empty, and writable. Raises InputError otherwise; creates nothing."""
    if path.is_dir():
        _refuse_contents(path)
        nearest = path
    elif path.exists() or path.is_symlink():
        raise InputError(f"The run folder {path} is a file.", "Choose a folder that is new or empty.")
    else:
        nearest = next(parent for parent in path.absolute().parents if parent.exists())
    if not nearest.is_dir():
        raise InputError(f"The run folder {path} cannot be created: {nearest} is a file.", "Choose another folder.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError(
            f"The run folder {path} cannot be written: no permission in {nearest}.", "Choose another folder."
        )
    return path


def _refuse_contents(path: Path) -> None:
    """Raise InputError if a folder has contents. Files of a run that was killed before it began do not count."""
    try:
        taken = any(not _is_left_behind(file.name) for file in path.iterdir())
    except OSError as error:
        raise InputError(
            f"The run folder {path} cannot be read: {error.strerror}.", "Choose another folder."
        ) from error
    if taken:
        raise InputError(
            f"The run folder {path} is not empty.",
            "Choose a new folder, or continue the run in this folder with --resume.",
        )


def _is_left_behind(name: str) -> bool:
    """Return whether a file is one that a run creates before `run.json`, and that holds nothing."""
    return name in (LOCK_FILE, PRESENCE_FILE) or name.startswith(SHARED_FILE_PREFIX)


def lock_run_dir(path: Path, new: bool) -> RunLock:
    """Lock the folder until `release()` or the end of the process. Raises InputError as `take_run_lock`, and OSError.

    A `new` run is refused where another run was written since the folder was claimed.
    """
    lock = take_run_lock(path)
    if new and (path / RUN_FILE).exists():
        lock.release()
        _refuse_contents(path)
    return lock


def read_run_file(run_dir: Path) -> RunFile:
    """Read run.json. Raises InputError where it is missing, damaged or of a newer version."""
    path = run_dir / RUN_FILE
    try:
        content = read_json(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        if not run_dir.exists():
            raise InputError(f"There is no folder {run_dir}.", "Pass the folder of a recorded run.") from error
        lack = f"no {RUN_FILE}" if run_dir.is_dir() else "it is not a folder"
        raise InputError(f"There is no run in {run_dir}: {lack}.", "Pass the folder of a recorded run.") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", "Check that it is the file that jem-tui wrote."
        ) from error
    except ValueError as error:
        raise _damaged(path, error) from error
    if isinstance(content, dict) and content.get("schema") != SCHEMA and is_whole(content.get("schema")):
        raise InputError(
            f"{path} has schema {content['schema']}, but this version of jem-tui reads schema {SCHEMA}.",
            "Use the version of jem-tui that wrote the file.",
        )
    try:
        check_fields(content, _KINDS, _KINDS_ADDED)
    except ValueError as error:
        raise _damaged(path, error) from error
    return _from_content(content)


def _damaged(path: Path, why: ValueError) -> InputError:
    return InputError(f"{path} is damaged ({shortened(str(why), 300)}).", "Restore it, or start a new run.")


def mark_ended(run_dir: Path, status: Status) -> None:
    """Write the status of a run that ended without writing it; do nothing without a valid run.json."""
    with suppress(InputError, OSError):
        write_run_file(run_dir, replace(read_run_file(run_dir), status=status))


def _from_content(content: dict[str, Any]) -> RunFile:
    known = {name: content[name] for name in _KINDS}
    accuracy, joules = content.get("accuracy"), content.get("energy_joules")
    return RunFile(
        **{**known, "argv": tuple(known["argv"]), "config": restored(known["config"])},
        accuracy=None if accuracy is None or isinstance(accuracy, str) else float(accuracy),
        accuracy_split=content.get("accuracy_split"),
        dataset=restored(content.get("dataset", {})),
        energy_joules=None if joules is None or isinstance(joules, str) else float(joules),
    )


def write_run_file(run_dir: Path, run: RunFile) -> None:
    """Replace run.json atomically, or overwrite it on a full disk. Raises OSError."""
    content = (json.dumps(plain(asdict(run)), indent=2) + "\n").encode()
    try:
        replace_file(run_dir / RUN_FILE, content)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        overwrite_file(run_dir / RUN_FILE, content)
