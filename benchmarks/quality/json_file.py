"""JSON files of a study, replaced atomically, so that a killed process leaves the old or the new content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jem_tui.atomic_file import replace_file


def read_table(path: Path) -> dict[str, Any]:
    """Return the object in a file; an empty one if there is no file."""
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def write_table(path: Path, table: dict[str, Any]) -> None:
    """Replace a file by an object, and create its folder if that is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, (json.dumps(table, indent=2) + "\n").encode())
