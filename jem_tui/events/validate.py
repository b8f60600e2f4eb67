"""Checks that recorded events hold values of the declared types, as any program may have written the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from jem_tui.events.rank_states import RankStates, check_rank_states
from jem_tui.events.real_images import RealImages
from jem_tui.events.run import Assessed, Energies, Event, Samples

_LARGEST = 1 << 63
_known: dict[type[Event], list[tuple[str, Callable[[Any], bool]]]] = {}
MOST_SIDE = 1 << 14
"""Maximum height and width of a tile, in pixels."""


def validated(event: Event) -> Event:
    """Return the event. Raises ValueError where a field has another type than declared, or where the values contradict each other.

    Unknown words and implausible numbers pass: an unknown kind of note, class or a share of 200 % can still be displayed.
    """
    kind: Any = type(event)
    for name, test in _tests_of(kind):
        value = getattr(event, name)
        if not test(value):
            raise ValueError(f"{name} cannot be {str(value)[:40]}")
    if not _is_number(event.time) or not math.isfinite(event.time):
        raise ValueError("the time is not a finite number")
    match event:
        case Samples():
            check_tiles(event.tiles.shape)
            _check_lengths(len(event.tiles), event.energy, event.age, event.predicted, event.confidence, event.reseeds)
        case RealImages():
            check_tiles(event.tiles.shape)
            _check_lengths(len(event.tiles), event.labels)
        case Energies():
            counts = [event.data, event.samples, *([] if event.train is None else [event.train])]
            _check_lengths(len(event.edges) - 1, *counts)
            _check_bins(event.edges, counts)
        case Assessed(confidence=confidence, accuracy=accuracy, share=share):
            if not len(confidence) == len(accuracy) == len(share):
                raise ValueError("lists of bins differ in length")
        case RankStates():
            check_rank_states(event)
    return event


def check_tiles(shape: Sequence[Any]) -> None:
    """Raise ValueError unless tiles of this shape (n, height, width, channels) can be drawn."""
    if not (len(shape) == 4 and _is_whole(shape[0]) and shape[0] >= 0 and _is_shape(tuple(shape[1:]))):
        raise ValueError("tiles have an invalid shape")


def _tests_of(kind: type[Event]) -> list[tuple[str, Callable[[Any], bool]]]:
    """Return the test of each field that has a test by its name or its annotation."""
    if kind not in _known:
        fields = kind.__dataclass_fields__.items()
        tests = {name: _TESTS.get(name) or _TESTS.get(str(field.type)) for name, field in fields}
        _known[kind] = [(name, test) for name, test in tests.items() if test is not None]
    return _known[kind]


def whole(value: Any) -> int:
    """Return a number of steps. Raises ValueError for anything else."""
    if not _is_whole(value):
        raise ValueError(f"{str(value)[:40]} is not a step")
    return int(value)


def _check_lengths(count: int, *arrays: np.ndarray[Any, Any]) -> None:
    if any(array.shape != (count,) for array in arrays):
        raise ValueError("arrays differ in length")


def _check_bins(edges: np.ndarray[Any, Any], counts: Sequence[np.ndarray[Any, Any]]) -> None:
    """Raise ValueError unless edges are finite and ascending and no count is negative."""
    with np.errstate(over="ignore", invalid="ignore"):
        ascend = len(edges) and np.isfinite(edges).all() and (np.diff(edges) >= 0).all()
    if not ascend or not all((each >= 0).all() for each in counts):
        raise ValueError("malformed bins")


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
    "NoteKind": _is_text,
    "Reason": _is_text,
    "bool": lambda value: isinstance(value, bool),
    "Mapping[str, float]": _are_named(_is_number),
    "Mapping[str, Any]": lambda value: isinstance(value, Mapping),
    "tuple[int, int, int]": _is_shape,
    "tuple[str, ...]": _are(_is_text),
    "tuple[float, ...]": _are(_is_number),
    "tuple[int, ...]": _are(_is_whole),
    "frozenset[str]": _are(_is_text),
}
"""Tests by the name of a field or by its annotation."""
