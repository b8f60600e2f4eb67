"""Recorded events whose values are of the kinds that the program counts on, whoever wrote the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from jem_tui.events import Energies, Event, Samples

_LARGEST = 1 << 63
_known: dict[type[Event], list[tuple[str, Callable[[Any], bool]]]] = {}
MOST_SIDE = 1 << 14
"""Pixels of a tile's height and width."""


def checked(event: Event) -> Event:
    """The same event; ValueError where a field is of another type than it says, or out of all bounds."""
    kind: Any = type(event)
    for name, test in _tests_of(kind):
        value = getattr(event, name)
        if not test(value):
            raise ValueError(f"{name} cannot be {str(value)[:40]}")
    if not _is_number(event.time) or not math.isfinite(event.time):
        raise ValueError("there is no such time")
    if isinstance(event, Samples):
        _check_lengths(len(event.tiles), event.energy, event.age, event.predicted, event.confidence, event.reseeds)
    if isinstance(event, Energies):
        _check_lengths(len(event.edges) - 1, event.data, event.samples, *[] if event.train is None else [event.train])
    return event


def _tests_of(kind: type[Event]) -> list[tuple[str, Callable[[Any], bool]]]:
    """For each field that has one, by its name or its annotation."""
    if kind not in _known:
        fields = kind.__dataclass_fields__.items()
        tests = {name: _TESTS.get(name) or _TESTS.get(str(field.type)) for name, field in fields}
        _known[kind] = [(name, test) for name, test in tests.items() if test is not None]
    return _known[kind]


def whole(value: Any) -> int:
    """A number of steps; ValueError where it is none."""
    if not _is_whole(value):
        raise ValueError(f"there is no step {str(value)[:40]}")
    return int(value)


def _check_lengths(count: int, *arrays: np.ndarray[Any, Any]) -> None:
    if any(array.shape != (count,) for array in arrays):
        raise ValueError("arrays of different lengths")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and -_LARGEST <= value < _LARGEST


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or _is_whole(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda values: all(map(test, values))


def _are_named(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda values: isinstance(values, Mapping) and all(map(test, values.values()))


def _is_shape(values: tuple[Any, ...]) -> bool:
    return len(values) == 3 and all(_is_whole(side) and 1 <= side <= MOST_SIDE for side in values)


_TESTS: dict[str, Callable[[Any], bool]] = {
    "seed": lambda value: isinstance(value, int),
    "int": _is_whole,
    "float": _is_number,
    "str": _is_text,
    "bool": lambda value: isinstance(value, bool),
    "Mapping[str, float]": _are_named(_is_number),
    "Mapping[str, Any]": lambda value: isinstance(value, Mapping),
    "tuple[int, int, int]": _is_shape,
    "tuple[str, ...]": _are(_is_text),
    "tuple[float, ...]": _are(_is_number),
    "frozenset[str]": _are(_is_text),
}
"""By the name of a field or by its annotation."""
