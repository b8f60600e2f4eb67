"""What is written below a sample: the predicted class by its name, and how sure the network is."""

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


def captions(samples: Samples, class_names: Sequence[str], count: int, columns: int) -> list[str]:
    """For the first `count` chains, each in at most `columns` columns; a class without a name that can be written is its number.

    A chain whose confidence is unknown has an empty caption.
    """
    labels = [_label(index, name) for index, name in enumerate(class_names)]
    form = _form(max(map(len, labels), default=1), columns)
    pairs = zip(samples.predicted[:count].tolist(), samples.confidence[:count].tolist(), strict=True)
    return [_caption(labels, index, confidence, form, columns) for index, confidence in pairs]


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
