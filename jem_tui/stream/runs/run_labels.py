"""Labels that a user gives to a recorded run: tags and a note, in a file that nothing else needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jem_tui.atomic_file import replace_file
from jem_tui.errors import InputError
from jem_tui.message_text import shortened
from jem_tui.printable import printable
from jem_tui.stream.runs.json_file import read_json

LABELS_FILE = "labels.json"
SCHEMA = 1
MOST_TAGS, LONGEST_TAG, LONGEST_NOTE = 20, 40, 2000
"""Maximum number of tags, and of characters of a tag and of a note."""


@dataclass(frozen=True, slots=True)
class RunLabels:
    """Tags and a note of a run; both are one line without control characters."""

    tags: tuple[str, ...] = ()
    note: str = ""
    reason: str = ""
    """The reason why the file cannot be read, in a sentence; such a file is never overwritten."""


def read_labels(run_dir: Path) -> RunLabels:
    """Return the labels of a run: none without a file, and the reason in a sentence for a file that cannot be read."""
    try:
        content = _content(run_dir)
    except InputError as error:
        return RunLabels(reason=str(error))
    return RunLabels(as_tags(content["tags"]), as_note(content["note"]))


def write_labels(run_dir: Path, tags: tuple[str, ...], note: str) -> RunLabels:
    """Replace tags and note of a run atomically, and return them as they were stored; other fields of the file stay.

    Raises InputError if the file cannot be written, or holds anything that a new file would lose.
    """
    content = {**_content(run_dir), "schema": SCHEMA, "tags": list(as_tags(tags)), "note": as_note(note)}
    path = run_dir / LABELS_FILE
    try:
        replace_file(path, (json.dumps(content, indent=2) + "\n").encode())
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.", "The labels are unchanged.") from error
    return RunLabels(as_tags(tags), as_note(note))


def as_tags(words: Any) -> tuple[str, ...]:
    """Return words as tags: each once, shortened, without spaces at the ends."""
    cleaned = (printable(word)[:LONGEST_TAG].strip() for word in words)
    return tuple(dict.fromkeys(word for word in cleaned if word))[:MOST_TAGS]


def as_note(text: str) -> str:
    """Return a text as a note: one line, shortened."""
    return printable(text)[:LONGEST_NOTE].strip()


def _content(run_dir: Path) -> dict[str, Any]:
    """Return the fields of the file, with empty labels where there is none. Raises InputError where it cannot be read."""
    path = run_dir / LABELS_FILE
    empty: dict[str, Any] = {"schema": SCHEMA, "tags": [], "note": ""}
    try:
        content = read_json(path)
    except (FileNotFoundError, NotADirectoryError):
        return empty
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    except ValueError as error:
        why = shortened(str(error), 200)
        raise InputError(f"{path} is damaged ({why}).", "Repair or remove the file.") from error
    if not isinstance(content, dict) or not _are_labels({**empty, **content}):
        raise InputError(f"{path} holds no labels of this version.", "Repair or remove the file.")
    return {**empty, **content}


def _are_labels(content: dict[str, Any]) -> bool:
    tags = content["tags"]
    texts = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
    return content["schema"] == SCHEMA and texts and isinstance(content["note"], str)
