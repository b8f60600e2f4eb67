"""Histograms of energies and scores of a run as rows of text; the histograms of a foreign log."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from textual.content import Content

from jem_tui.events.run import Assessed, Energies, Samples
from jem_tui.minus_sign import minus_signs
from jem_tui.raster.plot.histogram import bars, meter, rebin
from jem_tui.tui.preferences.theme import FAINT, MUTED, Tone
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_view import RunView

KINDS = {
    "samples": ("samples", Tone.NRG.variable),
    "train": ("training", Tone.TOTAL.variable),
    "data": ("validation", Tone.ACCURACY.variable),
}
"""Label and colour of each histogram of energies: samples before data, in the colours of the curves of E(x̂) and E(x)."""
NAME, VALUE = 14, 6
MOST_DECIMAL = 1e6
"""Smallest magnitude of energies that are displayed with an exponent."""
MIN_ROWS, MOST_ROWS = 4, 10
"""Rows of one histogram of a foreign log, including its name."""
MIN_BARS = 2
"""Minimum rows of the bars of a histogram of chains."""
ROOM_FOR_GAPS = 4
"""Minimum rows for each histogram of energies with a blank row between two histograms."""
SIDE_NAME = 11
"""Columns of a name at the left of a histogram."""
FEWEST_CHAINS, MOST_BINS = 2, 60
"""Minimum number of chains for a histogram of their energies, and maximum number of its bins."""


def visible_count(run: RunView, height: int) -> int:
    """Return how many histograms of a foreign log fit into `height` rows."""
    return min(len(run.histograms), max(1, height // MIN_ROWS))


def histogram_rows(run: RunView, first: int, width: int, height: int) -> Iterator[Content]:
    """Render the histograms of a foreign log by tag, each below its name and its range of values."""
    count = visible_count(run, height)
    rows = min(MOST_ROWS, height // count) - 1
    for tag, histogram in sorted(run.histograms.items())[first : first + count]:
        span = minus_signs(f"{histogram.edges[0]:.3g} … {histogram.edges[-1]:.3g}, step {histogram.images:,}")
        name = text_formats.shorten(tag, max(0, width - len(span) - 2))
        yield Content.assemble((text_formats.fitted(name, max(0, width - len(span))), MUTED), (span, FAINT)).truncate(
            width
        )
        for line in bars(rebin(histogram.edges, histogram.counts, width), width, rows):
            yield Content.styled(line, Tone.XE.variable)


def energy_rows(energies: Energies, width: int, height: int) -> Iterator[Content]:
    """Render up to three histograms of E(x) in rows of `width` columns, each with its name at the left, over one axis in nats."""
    counts = {name: value for name in KINDS if (value := getattr(energies, name)) is not None}
    left = min(SIDE_NAME, width // 2)
    gap = 1 if height - 1 >= len(counts) * ROOM_FOR_GAPS else 0
    rows, more = divmod(max(len(counts), height - 1 - gap * (len(counts) - 1)), len(counts))
    for index, (name, value) in enumerate(counts.items()):
        label, tone = KINDS[name]
        yield from [Content(" " * width)] * (gap if index else 0)
        names = [label, *[""] * rows]
        for text, line in zip(names, bars(value, width - left, rows + (index < more)), strict=False):
            yield Content.assemble((text_formats.fitted(text, left), MUTED), (line, tone))
    yield Content.styled(" " * left + axis(energies.edges, "E(x), nats", width - left), FAINT)


def chain_rows(samples: Samples | None, width: int, height: int) -> Iterator[Content]:
    """Render the energies of the displayed chains as a histogram, which needs no evaluation; nothing without known energies."""
    energy = np.zeros(0) if samples is None else np.asarray(samples.energy, dtype=np.float64)
    energy = energy[np.isfinite(energy) & (np.abs(energy) < MOST_DECIMAL)]
    if len(energy) < FEWEST_CHAINS or height < MIN_BARS + 2:
        return
    counts, edges = np.histogram(energy, bins=max(1, min(MOST_BINS, width, round(2 * len(energy) ** 0.5))))
    yield Content.styled(f"energy of {len(energy)} chains, nats"[:width], MUTED)
    for line in bars(counts.astype(np.float64), width, min(MOST_ROWS, height - 2)):
        yield Content.styled(line, Tone.NRG.variable)
    yield Content.styled(axis(edges, "", width), FAINT)


def axis(edges: NDArray[np.float64], name: str, width: int) -> str:
    """Return the ends of an axis in as few decimals as distinguish them, with its name between them where it fits."""
    ends = edges[[0, -1]].tolist()
    written = (
        [f"{end:.{places}f}" if abs(end) < MOST_DECIMAL else f"{end:.2g}" for end in ends] for places in (1, 2, 3, 4)
    )
    different = next((pair for pair in written if pair[0] != pair[1]), [f"{end:.2g}" for end in ends])
    first, last = map(minus_signs, different)
    between = width - len(first) - len(last)
    return (first + (name if len(name) < between else "").center(max(0, between)) + last)[:width]


def score_rows(assessment: Assessed, width: int, height: int) -> Iterator[Content]:
    """Render the AUROC of log p(x) against each OOD set, and below it the reliability diagram."""
    yield Content.styled("AUROC of log p(x)"[:width], MUTED)
    room = max(0, width - NAME - VALUE - 1)
    for name, value in assessment.auroc.items():
        tone = "$text-warning" if value < 0.5 else Tone.XE.variable
        row = Content.assemble(
            (text_formats.fitted(name, NAME), MUTED), (meter(value, room), tone), f" {_share(value)}"
        )
        yield row.truncate(width)
    left = height - len(assessment.auroc) - 4
    if left > 0 and assessment.accuracy:
        yield Content()
        gap = sum(
            s * abs(a - c)
            for s, a, c in zip(assessment.share, assessment.accuracy, assessment.confidence, strict=False)
        )
        headings = (f"accuracy by confidence, error {gap:.2%}", f"calibration error {gap:.2%}")
        yield Content.styled(next((each for each in headings if len(each) <= width), "")[:width], MUTED)
        for line in bars(
            [*(min(1.0, each) for each in assessment.accuracy), 1.0], width + width // len(assessment.accuracy), left
        ):
            yield Content.styled(line[:width], Tone.ACCURACY.variable)
        yield Content.styled(("0" + "1".rjust(width - 1))[:width], FAINT)


def scores_in_brief(assessment: Assessed, width: int) -> str:
    """Return as many AUROCs as fit into `width` columns, the lowest first; empty if none fits."""
    ascending = sorted(assessment.auroc.items(), key=lambda named: named[1])
    scores = [f"{name} {_share(value).strip()}" for name, value in ascending]
    lines = (f"AUROC: {', '.join(scores[:count])}" for count in range(len(scores), 0, -1))
    return next((line for line in lines if len(line) <= width), "")


def _share(value: float) -> str:
    """Format a score in `VALUE` columns: three decimals, or its order of magnitude if that is too wide."""
    text = f"{value:.3f}"
    return f"{text if len(text) < VALUE else text_formats.truncate(f'{value:.0e}', VALUE - 1):>{VALUE - 1}}"
