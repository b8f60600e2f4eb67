"""A reader for untrusted JSON files: bounded in size and depth, and strictly JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from jem_tui.regular_file import read_regular

MOST_BYTES = 4 << 20
MOST_DEPTH = 64


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises OSError, and ValueError for anything but JSON of at most `MOST_DEPTH` levels."""
    return parse_json(read_regular(path, MOST_BYTES))


def parse_json(content: bytes) -> Any:
    """Parse JSON in UTF-8. Raises ValueError."""
    try:
        value = json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("the values are nested too deeply") from None
    _check_depth(value)
    return value


def _refuse(constant: str) -> NoReturn:
    """Refuse NaN and infinities, which Python reads and JSON does not have."""
    raise ValueError(f"{constant} is not JSON")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [entry for each in level for entry in _entries(each)]
        if not level:
            return
    raise ValueError("the values are nested too deeply")


def _entries(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
