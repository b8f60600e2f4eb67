"""TOML from untrusted files and words. Text that is too long or too deeply nested is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from jem_tui.regular_file import read_regular

MOST_BYTES = 1 << 16
"""Upper bound of the bytes of a settings file; all settings with their comments take about 13 kB."""
LONGEST_LINE = 1 << 13
"""Upper bound of the characters of a line. tomllib needs quadratic time for a name of many dotted parts, and no value is longer than a path."""


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file as nested dicts. Raises OSError, and ValueError for anything but TOML."""
    return parse_toml(read_regular(path, MOST_BYTES).decode("utf-8"))


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML into nested dicts. Raises ValueError."""
    if any(len(line) > LONGEST_LINE for line in text.split("\n")):
        raise ValueError(f"a line has more than {LONGEST_LINE:,} characters")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("the values are nested too deeply") from None
