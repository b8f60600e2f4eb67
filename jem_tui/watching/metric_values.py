"""Conversion of a loop's metrics to the numbers of a `StepDone`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from operator import index
from struct import Struct
from typing import Any

_SINGLE = Struct("<f")
LONGEST_NAME = 200
"""Maximum number of characters of a metric's name."""


def as_metrics(values: Mapping[str, Any]) -> dict[str, float]:
    """Return the metrics as floats of single precision, which a TensorBoard scalar holds.

    A value is anything that `float` accepts but text: a Python number, a numpy scalar, a tensor with one element. Raises
    TypeError for a name that is not text or for a value of another kind, and ValueError for a name that is empty or too long.
    """
    return {_checked(name): single(value, name) for name, value in values.items()}


def single(value: Any, name: str) -> float:
    """Return a number rounded to single precision; beyond its range, an infinity. Raises TypeError for anything else."""
    if type(value) is not float:
        value = as_number(value, name)
    try:
        rounded: float = _SINGLE.unpack(_SINGLE.pack(value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded


def as_count(images: Any) -> int:
    """Return the number of images of a step. Raises ValueError unless it is a whole number of at least 1."""
    try:
        count = index(images)
    except TypeError:
        count = 0
    if count < 1:
        raise ValueError(f"images must be a whole number of at least 1, not {images!r}.")
    return count


def as_number(value: Any, name: str) -> float:
    """Return one number as a float. Raises TypeError for anything else."""
    if hasattr(value, "__float__"):
        try:
            # float() of a tensor that requires gradients emits a warning
            return float(value.item() if hasattr(value, "item") else value)
        except OverflowError:
            return math.inf
        # An array or tensor with several elements raises one of several types
        except (TypeError, ValueError, RuntimeError) as error:
            shape = getattr(value, "shape", None)
            why = f"it has the shape {tuple(shape)}" if shape else str(error)
            raise TypeError(f"The metric {name} is not a single number: {why}. Pass its mean.") from error
    raise TypeError(f"The metric {name} is not a number: it is of type {type(value).__name__}.")


def _checked(name: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"The name of a metric must be text, not of type {type(name).__name__}.")
    if not 0 < len(name) <= LONGEST_NAME:
        raise ValueError(f"The name of a metric must have 1 to {LONGEST_NAME} characters, not {len(name)}.")
    return recordable(name)


def recordable(text: str) -> str:
    """Return text that a log can hold: surrogates, as in file names of another encoding, are escaped."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
