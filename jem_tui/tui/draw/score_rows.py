"""The score of a drawing as rows of text: class, verdict, probabilities, and its energy among those of the data."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from textual.content import Content

from jem_tui.events.drawing import DrawingScore, EnergyReference
from jem_tui.minus_sign import minus_signs
from jem_tui.raster.plot.histogram import bars, meter
from jem_tui.raster.tiles.class_names import class_name
from jem_tui.tui.preferences.theme import FAINT, MUTED, Tone
from jem_tui.tui.state import text_formats

SHARE = 7
"""Columns of a probability in percent."""
TWO_COLUMNS, COLUMN_GAP = 40, 2
"""Minimum width for bars in two columns, and the columns between these."""
MOST_NAME = 14
"""Maximum columns of the name of a class next to its bar."""
SETS = {
    "chains": ("chains", Tone.NRG.variable),
    "train": ("training images", Tone.TOTAL.variable),
    "held_out": ("validation images", Tone.ACCURACY.variable),
}
"""Label and colour of each histogram by the field of `EnergyReference`: samples before data, as in the distributions pane."""
SHORT = {"train": "train", "held_out": "valid.", "chains": "chains"}
"""Short label of each histogram."""
OUTLIERS = 0.5
"""Percentage of the energies at either end that may lie outside the histogram."""
THRESHOLD, DRAWING = "┊", "┃"
FLAT = " ▁▂"
"""Bars that the line of the threshold may replace."""


def copied_rows(
    score: DrawingScore, reference: EnergyReference | None, class_names: Sequence[str]
) -> Iterator[Sequence[object]]:
    """Yield the energy in nats, the threshold of OOD detection and p(y|x) of each class, with the digits of 32-bit floats."""
    yield "name", "value"
    yield "E(x)", f"{score.energy:.9g}"
    if reference is not None:
        yield "OOD threshold", f"{reference.threshold:.9g}"
    for index, chance in enumerate(score.probabilities):
        yield f"p({class_name(tuple(class_names), index)}|x)", f"{chance:.9g}"


def headline(score: DrawingScore, class_names: Sequence[str]) -> Content:
    """Return the most likely class with its probability."""
    best = int(np.nan_to_num(score.probabilities).argmax())
    name = text_formats.shorten(class_name(tuple(class_names), best), MOST_NAME)
    return Content.assemble(
        ("class ", MUTED), (name, "bold $foreground"), f"  {percent(score.probabilities[best]).strip()}"
    )


def verdict(score: DrawingScore, reference: EnergyReference | None, width: int = 80) -> Content:
    """Return the energy and whether it counts as out of distribution, abbreviated where the words do not fit."""
    energy = Content.assemble(("E(x) ", MUTED), (nats(score.energy), "bold $foreground"))
    if reference is None:
        words, style = ("no energies to compare yet", "…"), FAINT
    elif not math.isfinite(score.energy) or score.energy > reference.threshold:
        words, style = ("out of distribution", "OOD"), "bold $text-warning"
    else:
        words, style = ("in distribution", "not OOD"), "bold $text-success"
    word = words[0] if energy.cell_length + len(words[0]) + 2 <= width else words[1]
    return Content.assemble(energy, "  ", (word, style))


def explanation(reference: EnergyReference | None, width: int, most: int) -> list[Content]:
    """Return the threshold and its false-positive rate in at most `most` rows, in as many words as fit."""
    if reference is None:
        return []
    kept, alarms = whole(reference.kept), percent(reference.false_positives).strip()
    so_far = " so far" if reference.unfinished else ""
    counted = f"{kept} of {len(reference.held_out):,} validation images{so_far}"
    false = f"False alarms: {alarms} of {reference.tested:,} test images are above it." if reference.tested else ""
    texts = (
        f"Threshold {nats(reference.threshold)}: {counted} are at or below it. {false}",
        f"Threshold {nats(reference.threshold)} keeps {counted}; false alarms: {alarms}.",
        f"Threshold{so_far} {nats(reference.threshold)}, false alarms: {alarms}.",
        f"> {nats(reference.threshold)} false alarms: {alarms}",
    )
    wrapped = (wrap(text, max(10, width)) for text in texts)
    fitting = next((lines for lines in wrapped if len(lines) <= most), [])
    return [Content.styled(line, MUTED) for line in fitting]


def probability_rows(
    score: DrawingScore, class_names: Sequence[str], label: int | None, width: int, rows: int
) -> Iterator[Content]:
    """Render p(y|x) as a bar for each class, in one or two columns; the class `label` is marked.

    Where not all classes fit, the likeliest are rendered, with the number of the remaining ones.
    """
    chances = np.nan_to_num(score.probabilities)
    count = len(chances)
    columns = 2 if rows < count <= 2 * rows and width >= TWO_COLUMNS else 1
    likeliest: list[int] = np.argsort(-chances, kind="stable").tolist()
    shown = list(range(count)) if count <= columns * rows else likeliest[: max(1, rows - 1) if rows > 0 else 0]
    names = {index: class_name(tuple(class_names), index) for index in shown}
    room = min(MOST_NAME, max((cell_len(name) for name in names.values()), default=0))
    each = (width - (columns - 1) * COLUMN_GAP) // columns
    bars_ = [
        _probability(
            names[index], float(chances[index]), each, room, best=index == chances.argmax(), marked=index == label
        )
        for index in shown
    ]
    down = -(-len(bars_) // columns)
    for row in range(down):
        yield Content(" " * COLUMN_GAP).join(bars_[row::down])
    if rows > 1 and len(shown) < count:
        yield Content.styled(f" … {count - len(shown)} less likely", FAINT).truncate(width)


def _probability(name: str, chance: float, width: int, room: int, *, best: bool, marked: bool) -> Content:
    """Return the bar of one class in `width` columns, `room` of which are for its name."""
    bar = max(0, width - room - SHARE - 3)
    return Content.assemble(
        ("▸" if marked else " ", "$text-accent"),
        (text_formats.fitted(name, room), "bold $foreground" if best else MUTED),
        " ",
        (meter(chance, bar), "$primary" if best else Tone.XE.variable),
        " ",
        (percent(chance), "bold" if best else MUTED),
    ).truncate(width)


def energy_rows(
    reference: EnergyReference,
    energy: float | None,
    width: int,
    height: int,
    word: str = "drawing",
    title: str = "E(x), nats",
) -> Iterator[Content]:
    """Render stacked histograms of E(x) with their names, a line at the threshold, and the axis in nats.

    A second line is at the energy of the image called `word`; None omits it.
    """
    sets = {name: values for name in SETS if len(values := getattr(reference, name))}
    low, high = limits([*sets.values()], math.nan if energy is None else energy)
    titled = height - 3 >= 2 * len(sets)
    rows = max(1, (height - (3 if titled else 2)) // max(1, len(sets)))
    threshold = column_of(reference.threshold, low, high, width)
    own = None if energy is None else column_of(energy, low, high, width)
    if titled:
        yield Content.styled(title[:width], MUTED)
    yield _heading(sets, width, "" if titled else "E(x): ")
    for name, values in sets.items():
        for line in bars(np.histogram(values, np.linspace(low, high, width + 1))[0], width, rows):
            yield _marked(line, SETS[name][1], own, threshold)
    if energy is None or own is None:
        yield Content.styled(nats(low) + nats(high).rjust(width - len(nats(low))), FAINT).truncate(width)
    else:
        yield axis(energy, low, high, width, own, word)


def _heading(sets: Collection[str], width: int, before: str) -> Content:
    """Return the names of the histograms in their colours and from top to bottom, with that of the threshold where it fits."""
    long, short = (
        Content(gap).join([Content.styled(names[name], SETS[name][1]) for name in sets])
        for gap, names in ((" · ", {name: label for name, (label, _) in SETS.items()}), (" ", SHORT))
    )
    threshold = Content.styled(f"  {THRESHOLD} threshold", "$text-warning")
    choices = [Content.assemble((before, MUTED), words, threshold) for words in (long, short)]
    return next((each for each in choices if each.cell_length <= width), short).truncate(width)


def axis(energy: float, low: float, high: float, width: int, own: int, name: str = "drawing") -> Content:
    """Return the ends of the axis with the name of the image's line below it; an arrow points to an energy beyond the axis."""
    first, last = nats(low), nats(high)
    word = f"◂ {name}" if energy < low else f"{name} ▸" if energy > high else f"▲ {name}"
    start = max(0, min(own, width - len(word)))
    text = word.rjust(start + len(word)).ljust(width)
    spans = [(0, start, FAINT), (start, start + len(word), "bold $text-accent"), (start + len(word), width, FAINT)]
    if start > len(first):
        text = first + text[len(first) :]
    if start + len(word) < width - len(last):
        text = text[: width - len(last)] + last
    content = Content(text[:width])
    for begin, end, style in spans:
        content = content.stylize(style, begin, end)
    return content


def chain_rows(energies: Sequence[float], moved: int, width: int, rows: int) -> Iterator[Content]:
    """Render the energies of a chain since its drawing."""
    values = np.array([each for each in energies if math.isfinite(each)])
    if len(values) < 2:
        return
    steps, change = f"{moved:,} sampler step{'s' if moved != 1 else ''}", f"{nats(values[0])} → {nats(values[-1])}"
    full = Content.assemble((steps, MUTED), f"  E(x) {change}")
    yield (full if full.cell_length <= width else Content.assemble(("E(x) ", MUTED), change)).truncate(width)
    parts = np.array([part.mean() for part in np.array_split(values, min(width, len(values)))])
    spread = parts - values.min()
    for line in bars(spread + 0.05 * max(float(spread.max()), 1e-3), width, max(1, rows)):
        yield Content.styled(line, Tone.NRG.variable)


def limits(sets: Sequence[NDArray[np.float32]], energy: float) -> tuple[float, float]:
    """Return the ends of the axis: those of nearly all energies, and of the drawing if it is near them."""
    values = np.concatenate([np.asarray(each, np.float64) for each in sets])
    low, high = (float(each) for each in np.percentile(values, (OUTLIERS, 100 - OUTLIERS)))
    span = max(high - low, 1e-3)
    if low - span <= energy <= high + span:
        low, high = min(low, energy), max(high, energy)
    return low - 0.03 * span, high + 0.03 * span


def column_of(value: float, low: float, high: float, width: int) -> int:
    """Return the column of an energy, at the edge if it is beyond the axis."""
    share = (value - low) / (high - low) if math.isfinite(value) else 1.0
    return int(min(max(share * width, 0), width - 1))


def nats(energy: float) -> str:
    """Format an energy with two decimals and a real minus sign, or with an exponent if it is large."""
    if not math.isfinite(energy):
        return "not finite"
    return minus_signs(f"{energy:.2f}" if abs(energy) < 1e5 else f"{energy:.2e}")


def whole(share: float) -> str:
    """Format a share as a whole number of percent."""
    return f"{100 * share:.0f} %"


def percent(share: float) -> str:
    """Format a share in `SHARE` columns."""
    return f"{100 * share:.1f} %".rjust(SHARE) if math.isfinite(share) else "–".rjust(SHARE)


def _marked(line: str, tone: str, own: int | None, threshold: int) -> Content:
    """Return one row of bars with the line of the threshold, and with that of the drawing unless it is None."""
    text, styles = list(line), [tone] * len(line)
    for column, glyph, style in ((threshold, THRESHOLD, "$text-warning"), (own, DRAWING, "bold $text-accent")):
        if column is not None and 0 <= column < len(line) and (glyph == DRAWING or text[column] in FLAT):
            text[column], styles[column] = glyph, style
    return Content.assemble(*zip(text, styles, strict=True))
