"""A finding of `jem-tui doctor`, and checks that cannot fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "problem"]
"""Good, worth knowing, or a reason for which training or its screen fails."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check."""

    topic: str
    """Short name of what was checked, such as "colours"."""
    state: State
    text: str
    """The result in one line."""
    advice: str = ""
    """The next action; empty only in the state "ok"."""


def ok(topic: str, text: str) -> Finding:
    """Return a finding without anything to do."""
    return Finding(topic=topic, state="ok", text=text)


def note(topic: str, text: str, advice: str) -> Finding:
    """Return a finding that is worth knowing."""
    return Finding(topic=topic, state="note", text=text, advice=advice)


def problem(topic: str, text: str, advice: str) -> Finding:
    """Return a finding for which training or its screen fails."""
    return Finding(topic=topic, state="problem", text=text, advice=advice)


def checked(topic: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Return the findings of a check. If it raises an exception, the last finding is a note about that."""
    found: list[Finding] = []
    try:
        found.extend(check())
    # A check that fails on an unusual machine must not hide the others.
    except Exception as error:
        text = f"could not be checked: {type(error).__name__}: {error}"
        found.append(note(topic, text, "Ignore this if jem-tui works, else report it with this line."))
    return found
