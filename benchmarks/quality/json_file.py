"""JSON files of a study, replaced atomically, so that a killed process leaves the old or the new content."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jem_tui.atomic_file import replace_file
from jem_tui.errors import InputError


def read_table(path: Path) -> dict[str, Any]:
    """Return the object in a file; an empty one if there is no file. Raises InputError for a file with other content."""
    if not path.exists():
        return {}
    with reading(path):
        return table_in(json.loads(path.read_text(encoding="utf-8")))


def table_in(value: Any) -> dict[str, Any]:
    """Return a JSON value that is an object. Raises TypeError for any other."""
    if not isinstance(value, dict):
        raise TypeError(f"{type(value).__name__} in place of an object")
    return value


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise InputError in place of an error that the body meets in the content of a file."""
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        EOFError,
        LookupError,
        OSError,
        TypeError,
        ValueError,
        RecursionError,
    ) as error:
        raise InputError(
            f"{path} is damaged or was changed: {type(error).__name__}: {error}.",
            "Restore it, or remove it to measure its content again.",
        ) from error


def write_table(path: Path, table: dict[str, Any]) -> None:
    """Replace a file by an object, and create its folder if that is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, (json.dumps(table, indent=2) + "\n").encode())
