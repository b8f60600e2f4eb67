"""The events that `jem-tui train --json` writes, with the descriptions and types of their fields."""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import dataclass, fields
from itertools import pairwise
from textwrap import dedent
from typing import Any, get_type_hints

import numpy
from numpy.typing import NDArray

from jem_tui.events.run import Event, Loading, RunStarted, Sampling, Saving

NOT_WRITTEN: tuple[type[Event], ...] = (Event, Loading, Sampling, Saving)
"""The base class, and events that are shown but neither recorded nor written."""
COMMON = tuple(field.name for field in fields(Event))
"""Fields of every event."""


@dataclass(frozen=True)
class EventField:
    """A field of an event."""

    name: str
    kind: Any
    """The annotation, resolved."""
    meaning: str


def written_events() -> list[type[Event]]:
    """Return the event classes of a run in the order of their definition, those of other modules last."""
    found = vars(sys.modules[RunStarted.__module__]).values()
    kinds = [kind for kind in found if isinstance(kind, type) and issubclass(kind, Event) and kind not in NOT_WRITTEN]
    return sorted(kinds, key=lambda kind: kind.__module__ != RunStarted.__module__)


def fields_of(kind: type[Event]) -> list[EventField]:
    """Return the fields of an event class, those of every event first."""
    kinds = get_type_hints(kind, localns={"np": numpy, "NDArray": NDArray})
    meanings = {**meanings_of(Event), **meanings_of(kind)}
    return [EventField(field.name, kinds[field.name], meanings.get(field.name, "")) for field in fields(kind)]


def meanings_of(kind: type[Event]) -> dict[str, str]:
    """Return the string that follows each field in the body of a class, by the name of the field."""
    body = ast.parse(dedent(inspect.getsource(kind))).body[0].body  # type: ignore[attr-defined]
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def description(kind: type[Event]) -> str:
    """Return the docstring of an event class as one paragraph."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split())
