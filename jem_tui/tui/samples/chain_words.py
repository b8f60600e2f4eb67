"""Words and bars about one chain: its properties, its class probabilities, and its energy and class over its recorded states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from textual.content import Content

from jem_tui.events.run import Samples
from jem_tui.minus_sign import minus_signs
from jem_tui.raster.plot.histogram import bars, meter
from jem_tui.raster.tiles.class_names import cell_names, class_name
from jem_tui.tui.preferences.theme import FAINT, MUTED, Tone
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.chain_history import SlotHistory

LABEL = 9
"""Columns of the name of a property."""
LINE_ROWS = 3
FEWEST = 2
"""Minimum number of energies that are drawn."""
SHARE = 6
"""Columns of a probability."""
MOST_NAME = 10
"""Maximum columns of the name of a class."""
MARKER, RESTART = "▲", "×"


def properties_of(samples: Samples, row: int, class_names: tuple[str, ...], width: int) -> list[Content]:
    """Return the properties of a chain, one line each."""
    share = f"{float(samples.confidence[row]) * 100:.0f} %"
    name = text_formats.shorten(
        class_name(class_names, int(samples.predicted[row])), max(1, width - LABEL - len(share) - 2)
    )
    facts = {"energy": minus_signs(f"{samples.energy[row]:.2f}")}
    # A watched loop need not know the age of its samples
    aged = samples.age[row] >= 0
    if aged:
        facts["age"] = f"{samples.age[row]:,} steps"
    if aged or np.isfinite(samples.confidence[row]):
        facts["class"] = f"{name}  {share}"
    if aged:
        facts["restarts"] = f"{samples.reseeds[row]:,}"
    return [
        Content.assemble((f"{label:{LABEL}}", MUTED), text_formats.truncate(value, width - LABEL)).truncate(width)
        for label, value in facts.items()
    ]


def probability_rows(
    probabilities: NDArray[np.float32], class_names: Sequence[str], width: int, height: int
) -> list[Content]:
    """Return p(y|x) of all classes as bars, in their order; of the most probable classes alone if not all fit into `height` rows."""
    shown = np.sort(np.argsort(-probabilities, kind="stable")[: max(0, height)])
    names = cell_names(class_names)
    labels = [text_formats.shorten(class_name(names, int(each)), MOST_NAME) for each in shown]
    longest = max(map(len, labels), default=0)
    room = max(0, width - longest - SHARE - 2)
    return [
        Content.assemble(
            (f"{label:>{longest}} ", MUTED),
            (meter(float(probabilities[each]), room), Tone.XE.variable),
            f" {float(probabilities[each]):>{SHARE}.1%}",
        ).truncate(width)
        for label, each in zip(labels, shown, strict=True)
    ]


def energy_bars(energies: NDArray[np.float64], columns: int) -> tuple[str, list[str]]:
    """Return the range of finite energies in words, and the means of `columns` equal parts as bars, the top row first."""
    means = np.array([part.mean() for part in np.array_split(energies, columns)])
    return range_of(energies), bars(raised(means), columns, LINE_ROWS)


def range_of(energies: NDArray[np.float64]) -> str:
    """Return the lowest and the highest energy in words."""
    return minus_signs(f"{energies.min():.1f} … {energies.max():.1f}")


def raised(energies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return energies above their minimum, with a little more, so that each has a bar."""
    spread = energies - energies.min()
    above: NDArray[np.float64] = spread + 1e-3 + 0.05 * spread.max()
    return above


def history_rows(history: SlotHistory, class_names: Sequence[str], marked: int, width: int) -> list[Content]:
    """Return the energy of a slot over its recorded states, the class below it, and marks at restarts and at the step `marked`."""
    finite = np.isfinite(history.energies)
    if finite.sum() < FEWEST or width < FEWEST:
        return [Content.styled("energy and class: one recorded state so far"[:width], FAINT)]
    steps, energies = history.steps[finite], history.energies[finite]
    groups = np.array_split(np.arange(len(steps)), min(width, len(steps)))
    means = np.array([energies[group].mean() for group in groups])
    lines = bars(raised(means), width, LINE_ROWS)
    begins = [-(-place * width // len(groups)) for place in range(len(groups))]
    classes, marks = [" "] * width, [" "] * width
    signs, restarted = (
        class_signs(class_names),
        np.diff(history.restarts[finite], prepend=history.restarts[finite][0]) != 0,
    )
    for group, begin in zip(groups, begins, strict=True):
        classes[begin] = sign_of(signs, int(history.predicted[finite][group[-1]]))
        marks[begin] = RESTART if restarted[group].any() else " "
    at = int(np.searchsorted(steps, marked, side="right")) - 1
    marks[begins[next((place for place, group in enumerate(groups) if group[-1] >= at), -1)]] = MARKER
    heading = f"energy {range_of(energies)} nats, step {steps[0]:,} … {steps[-1]:,} · class · {RESTART} restart · {MARKER} shown"
    return [
        Content.styled(heading[:width], MUTED),
        *(Content.styled(line, Tone.NRG.variable) for line in lines),
        Content.styled("".join(classes), Tone.XE.variable),
        Content("".join(marks)),
    ]


def class_signs(class_names: Sequence[str]) -> list[str]:
    """Return one character for each class: the first of its name if these differ, else its number in base 36."""
    first = [name[:1] for name in cell_names(class_names)]
    return first if len(set(first)) == len(first) else [np.base_repr(number, 36)[-1] for number in range(len(first))]


def sign_of(signs: Sequence[str], predicted: int) -> str:
    """Return the sign of a predicted class, a blank for an unknown one."""
    return signs[predicted] if 0 <= predicted < len(signs) else " "
