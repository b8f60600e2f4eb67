"""What is written below a sample: the predicted class by its name, how sure the network is, and where there is room energy and age."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import get_character_cell_size

from jem_tui.events import Samples


class _Form(NamedTuple):
    gap: str
    unit: str


_FORMS = (_Form("  ", " %"), _Form(" ", " %"), _Form(" ", "%"))
"""From roomy to tight; one grid keeps to one of them."""
_MOST = 100
_ROOMY = 28
"""Columns of a tile whose caption has room for energy and age."""
_ENERGY_WIDTH = 6
_AGE_WIDTH = 4
_MOST_AGE = 10_000
_UNITS = ((1, ""), (1_000, "k"), (1_000_000, "M"), (10**9, "G"), (10**18, "E"))


def captions(samples: Samples, class_names: Sequence[str], count: int, columns: int) -> list[str]:
    """For the first `count` chains, each in at most `columns` columns; a class without a name that can be written is its number.

    A chain whose confidence is unknown has an empty caption.
    """
    labels = [_label(index, name) for index, name in enumerate(class_names)]
    details = _details(samples, count) if columns >= _ROOMY else [""] * count
    room = columns - len(details[0]) if details else columns
    form = _form(max(map(len, labels), default=1), room)
    pairs = zip(samples.predicted[:count].tolist(), samples.confidence[:count].tolist(), strict=True)
    words = [_caption(labels, index, confidence, form, room) for index, confidence in pairs]
    return [word.ljust(room) + detail if word and detail else word for word, detail in zip(words, details, strict=True)]


def _details(samples: Samples, count: int) -> list[str]:
    """Energy in nats and age in SGLD steps, always equally wide; what the age leaves free keeps it off the caption beside it."""
    pairs = zip(samples.energy[:count].tolist(), samples.age[:count].tolist(), strict=True)
    return [f" E{_energy(energy):>{_ENERGY_WIDTH}} age {_age(age):<{_AGE_WIDTH}}" for energy, age in pairs]


def _energy(energy: float) -> str:
    """At most six characters."""
    text = f"{energy:.1f}"
    return text if len(text) <= _ENERGY_WIDTH else f"{energy:.0e}"


def _age(age: int) -> str:
    """At most four characters."""
    return next(f"{age // unit}{name}" for unit, name in _UNITS if age // unit < _MOST_AGE)


def _form(longest: int, columns: int) -> _Form:
    """The roomiest form in which every class fits at full confidence, else the tightest."""
    return next((form for form in _FORMS if longest + len(_share(_MOST, form)) <= columns), _FORMS[-1])


def _caption(labels: Sequence[str], index: int, confidence: float, form: _Form, columns: int) -> str:
    if not math.isfinite(confidence):
        return ""
    share = _share(_MOST * confidence, form)
    label = labels[index] if 0 <= index < len(labels) else str(index)
    room = max(1, columns - len(share))
    return (label if len(label) <= room else label[: room - 1] + "…") + share


def _share(percent: float, form: _Form) -> str:
    return f"{form.gap}{percent:.0f}{form.unit}"


def _label(index: int, name: str) -> str:
    """The name if a grid of cells can hold it: printable, each character one column wide and below U+10000."""
    fits = all(ord(c) < 0x10000 and c.isprintable() and get_character_cell_size(c) == 1 for c in name)
    return name if name and fits else str(index)
