"""Captions of samples: predicted class and confidence, with energy and age where they fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from jem_tui.events.run import Samples
from jem_tui.minus_sign import minus_signs
from jem_tui.raster.tiles.class_names import cell_names, class_name


class _Form(NamedTuple):
    gap: str
    unit: str


_FORMS = (_Form("  ", " %"), _Form(" ", " %"), _Form(" ", "%"))
"""Forms of a caption, the widest first; all captions of a grid have the same form."""
_MOST = 100
_MOST_SHOWN = 10_000
"""Smallest percentage that is written with an exponent; only logs of other programs have such values."""
_MIN_LABEL = 2
"""Minimum number of characters to which a class name is cut."""
_NO_AGE = "–"
KNOWN = math.inf
"""Confidence that stands for a label, whose caption is the class alone."""
_ROOMY = 28
"""Minimum width of a tile whose caption has energy and age, in columns."""
_ENERGY_WIDTH = 6
_AGE_WIDTH = 4
_UNITS = ((1, ""), (10**3, "k"), (10**6, "M"), (10**9, "G"), (10**12, "T"), (10**15, "P"), (10**18, "E"))


def captions(samples: Samples, class_names: Sequence[str], count: int, columns: int) -> list[str]:
    """Return the captions of the first `count` chains, each in at most `columns` columns.

    A class whose name cannot be displayed is written as its number. A narrow caption drops the confidence before the class. A
    chain whose confidence is not finite has its energy as caption, if that is known.
    """
    labels = cell_names(class_names)
    details = _details(samples, count) if columns >= _ROOMY else [""] * count
    room = columns - len(details[0]) if details else columns
    form = _form(max(map(len, labels), default=1), room)
    pairs = zip(samples.predicted[:count].tolist(), samples.confidence[:count].tolist(), strict=True)
    words = [_caption(labels, index, confidence, form, room) for index, confidence in pairs]
    energies = samples.energy[:count].tolist()
    return [
        (word.ljust(room) + detail if detail else word) if word else _energy_alone(energy, columns)
        for word, detail, energy in zip(words, details, energies, strict=True)
    ]


def _details(samples: Samples, count: int) -> list[str]:
    """Return energy in nats and age in SGLD steps, equally wide for all chains.

    The columns that a short age leaves blank separate it from the next caption.
    """
    pairs = zip(samples.energy[:count].tolist(), samples.age[:count].tolist(), strict=True)
    if not (np.isfinite(samples.energy[:count]) | (samples.age[:count] >= 0)).any():
        return [""] * count
    return [f" E{_energy(energy):>{_ENERGY_WIDTH}} age {_age(age):<{_AGE_WIDTH}}" for energy, age in pairs]


def _energy(energy: float) -> str:
    """Format an energy in at most six characters."""
    text = f"{energy:.1f}".replace("nan", "NaN")
    return minus_signs(text if len(text) <= _ENERGY_WIDTH else f"{energy:.0e}")


def _energy_alone(energy: float, columns: int) -> str:
    """Return the caption of a sample whose class is unknown; empty if its energy is not finite or has no room."""
    text = f"E {_energy(energy)}"
    return text if math.isfinite(energy) and len(text) <= columns else ""


def _age(age: int) -> str:
    """Format an age in at most four characters; a negative age is unknown."""
    if age < 0:
        return _NO_AGE
    return next(text for unit, name in _UNITS if len(text := f"{age // unit}{name}") <= _AGE_WIDTH)


def _form(longest: int, columns: int) -> _Form:
    """Return the widest form in which every class fits at full confidence, apart from the next caption, else the narrowest."""
    return next((form for form in _FORMS if longest + len(_share(_MOST, form)) < columns), _FORMS[-1])


def _caption(labels: Sequence[str], index: int, confidence: float, form: _Form, columns: int) -> str:
    if not math.isfinite(confidence) and confidence != KNOWN:
        return ""
    share = "" if confidence == KNOWN else _share(_MOST * confidence, form)
    label = class_name(labels, index)
    room = columns - len(share)
    if room < min(len(label), _MIN_LABEL):
        room, share = columns, ""
    return (label if len(label) <= room else label[: max(0, room - 1)] + "…"[: max(0, room)]) + share


def _share(percent: float, form: _Form) -> str:
    return (
        f"{form.gap}{percent:.0f}{form.unit}" if abs(percent) < _MOST_SHOWN else f"{form.gap}{percent:.0e}{form.unit}"
    )
