"""Commands as JSON, checked when they are received."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, get_args

from jem_tui.events.commands import Authored, Command, InspectChain, ScoreDrawing
from jem_tui.json_values import plain

MOST_TEXT = 1000
MOST_CHAINS = 100_000
_REASONS = ("stopped", "interrupted")
"""Reasons for which a person can end a run; the others are for the run itself to report."""
OF_THIS_PROCESS = (Authored, InspectChain, ScoreDrawing)
"""Commands without a form in JSON. A viewer asks the run about a chain or a drawing instead (`stream/attach/questions.py`)."""
_KINDS: dict[str, type[Command]] = {kind.__name__: kind for kind in get_args(Command) if kind not in OF_THIS_PROCESS}


def command_to_json(command: Command) -> dict[str, Any]:
    """Convert a command to `name`, the name of its class, and `fields`."""
    fields = {name: plain(getattr(command, name)) for name in type(command).__dataclass_fields__}
    return {"name": type(command).__name__, "fields": fields}


def command_from_json(content: Any) -> Command:
    """Make the command of a received value. Raises ValueError for unknown commands and fields, and for values out of range."""
    if not isinstance(content, dict):
        raise ValueError("a command is not an object")
    kind = _KINDS.get(_text(content.get("name")))
    fields = content.get("fields", {})
    if kind is None or not isinstance(fields, dict):
        raise ValueError("an unknown command")
    unknown = fields.keys() - kind.__dataclass_fields__.keys()
    if unknown:
        raise ValueError("an unknown field of a command")
    try:
        return kind(**{name: CHECKS[name](value) for name, value in fields.items()})
    except TypeError:
        raise ValueError("a command without a required field") from None


def whole(low: int, high: int) -> Callable[[Any], int]:
    """Return a check that a value is a whole number in a range, which raises ValueError."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"not a whole number from {low:,} to {high:,}")
        return value

    return check


def _number(low: float, high: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"not a number from {low:g} to {high:g}")
        return float(value)

    return check


def flag(value: Any) -> bool:
    """Return a value that is true or false. Raises ValueError for any other."""
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        raise ValueError(f"not a text of at most {MOST_TEXT} characters")
    return value


def _reason(value: Any) -> str:
    if value not in _REASONS:
        raise ValueError("not a reason to stop")
    return str(value)


def _chains(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > MOST_CHAINS:
        raise ValueError(f"not a list of at most {MOST_CHAINS:,} chains")
    return tuple(map(whole(0, MOST_CHAINS), value))


CHECKS: dict[str, Callable[[Any], Any]] = {
    "steps": whole(1, 1 << 40),
    "save": flag,
    "reason": _reason,
    "chains": _chains,
    "worst": whole(0, 1 << 40),
    "fraction": _number(0.0, 1.0),
    "factor": _number(math.ulp(0.0), 1e9),
    "as_recorded": flag,
    "step": whole(0, 1 << 62),
    "tag": _text,
    "name": _text,
    "increments": whole(-1000, 1000),
}
"""Checks of a received value by the name of its field, which has the same range in every command. Each raises ValueError."""
