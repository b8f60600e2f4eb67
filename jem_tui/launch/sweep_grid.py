"""The grid of a sweep: every combination of values of some settings, with a name for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import product
from typing import NamedTuple

from jem_tui.errors import InputError

MOST_RUNS = 10_000
MOST_CHARACTERS = 120
SEED = "train.seed"


class GridPoint(NamedTuple):
    """One combination of values."""

    name: str
    """Name of the run and of its folder: the settings that vary, or all settings of a grid of one point."""
    words: tuple[str, ...]
    """All settings as `section.key=value`."""


class Axis(NamedTuple):
    """A setting and its values."""

    key: str
    values: tuple[str, ...]


def make_grid(words: Sequence[str], seeds: int = 0) -> list[GridPoint]:
    """Return the combinations of `section.key=value,value` words, the last setting varying fastest, and of `seeds` seeds for each (0: none).

    Raises InputError for a repeated setting, a value that is given twice, and a grid of more than `MOST_RUNS` runs.
    """
    axes = [_axis(word) for word in words]
    if seeds:
        axes.append(Axis(SEED, tuple(str(seed) for seed in range(seeds))))
    for number, axis in enumerate(axes):
        if axis.key in [earlier.key for earlier in axes[:number]]:
            raise InputError(
                f"{axis.key} is given twice.", "Write all values of a setting after one -s, with commas between."
            )
        if len(set(axis.values)) < len(axis.values):
            raise InputError(f"A value of {axis.key} is repeated.", "Write each value once.")
    size = 1
    for axis in axes:
        size *= len(axis.values)
    if size > MOST_RUNS:
        raise InputError(
            f"The grid has {size:,} runs, too many for a sweep.", f"Use at most {MOST_RUNS:,} combinations."
        )
    return list(_points(axes))


def split_values(text: str) -> tuple[str, ...]:
    """Split values at commas that are outside of quotes and brackets."""
    parts, depth, quote, start = [], 0, "", 0
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "[{(":
            depth += 1
        elif sign in ")}]":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return tuple(part.strip() for part in (*parts, text[start:]))


def _axis(word: str) -> Axis:
    key, sign, text = word.partition("=")
    values = split_values(text)
    if not sign or not all(values):
        raise InputError(f"-s {word} is not of the form section.key=value,value.", "For example: -s sgld.steps=5,10.")
    return Axis(key.strip(), values)


def _points(axes: Sequence[Axis]) -> Iterator[GridPoint]:
    for values in product(*(axis.values for axis in axes)):
        words = tuple(f"{axis.key}={value}" for axis, value in zip(axes, values, strict=True))
        varying = [word for axis, word in zip(axes, words, strict=True) if len(axis.values) > 1]
        yield GridPoint(_folder_name(",".join(varying or words) or "run"), words)


def _folder_name(text: str) -> str:
    """Return a name for a folder: the text, or where that has other characters or is too long, its beginning and a hash."""
    safe = re.sub(r"[^\w.=+,-]+", "_", text)[:MOST_CHARACTERS]
    return safe if safe == text else f"{safe}-{sha256(text.encode()).hexdigest()[:6]}"
