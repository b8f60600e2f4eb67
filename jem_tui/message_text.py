"""Parts of messages: the nearest known name, and names and values of any length."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LONGEST_SHOWN = 80
"""Maximum number of characters of a wrong name or value that a message repeats."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a clause with the most similar known name, such as ` (did you mean fast?)`, or an empty string."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)
    return f" (did you mean {matches[0]}?)" if matches else ""


def nearest_path(path: Path, known: Iterable[str]) -> str:
    """Return a clause with the path whose name is most similar among the `known` names in the same folder, or an empty string."""
    matches = difflib.get_close_matches(path.name, list(known), n=1, cutoff=0.6)
    return f" (did you mean {path.parent / matches[0]}?)" if matches else ""


def shown(value: Any) -> str:
    """Return a value as messages show it: of any type, and shortened."""
    try:
        return shortened(repr(value))
    except (ValueError, RecursionError):
        return "a number too large to print" if isinstance(value, int) else "a value too deeply nested to print"


def shortened(text: str, most: int = LONGEST_SHOWN) -> str:
    """Return the text, cut after `most` characters with an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"
