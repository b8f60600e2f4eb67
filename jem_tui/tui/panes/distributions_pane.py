"""Histograms of energies, the reliability diagram and the OOD scores of a run; the histograms of a foreign log."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from textwrap import wrap
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.run import Assessed, Energies, Samples
from jem_tui.minus_sign import minus_signs
from jem_tui.raster.plot.histogram import bars, meter, rebin
from jem_tui.tui.changed_content import show_content
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.preferences.theme import FAINT, MUTED, Tone
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_view import RunView

KINDS = {
    "samples": ("samples", Tone.NRG.variable),
    "train": ("training", Tone.TOTAL.variable),
    "data": ("validation", Tone.ACCURACY.variable),
}
"""Label and colour of each histogram of energies: samples before data, in the colours of the curves of E(x̂) and E(x)."""
ROOM_SIDE_BY_SIDE = 64
"""Minimum width of a pane with the scores at the right of the histograms, in columns."""
NAME, VALUE, GAP = 14, 6, 3
MOST_DECIMAL = 1e6
"""Smallest magnitude of energies that are displayed with an exponent."""
NOT_EVALUATED = "each evaluation measures energies; press {evaluate} to evaluate now"
NOT_RECORDED = "the recording has no histograms up to this step"
CHAINS_ALONE = "an evaluation adds histograms of images; the recording has none up to this step"
MIN_ROWS, MOST_ROWS = 4, 10
"""Rows of one histogram of a foreign log, including its name."""
MIN_BARS = 2
"""Minimum rows of the bars of a histogram of chains."""
ROOM_FOR_GAPS = 4
"""Minimum rows for each histogram of energies with a blank row between two histograms."""
SIDE_NAME = 11
"""Columns of a name at the left of a histogram."""
RENEWED = 1.02
"""Factor of the steps after which the histogram of chains is drawn again: drawing it costs as much as three charts."""
FEWEST_CHAINS, MOST_BINS = 2, 60
"""Minimum number of chains for a histogram of their energies, and maximum number of its bins."""


@contain_failures
class DistributionsPane(Static):
    """Histograms of E(x) for training images, validation images and samples, and scores of the newest evaluation.

    For another program's log, its own histograms, as many as fit.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("distributions")]
    can_focus = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.first = 0
        """Index of the first visible histogram."""
        self._run: RunView | None = None
        self._scrolls = False
        self._chains: Samples | None = None

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when the pane differs."""
        return (run.energies, run.assessment, run.histograms, self._chains_of(run), self.first, self.size)

    def draw(self, run: RunView) -> None:
        """Draw the distributions of `run` if the content differs from what is displayed."""
        self._run = run
        width, height = self.content_size
        if not width or not height:
            return
        content = Content("\n").join(self._rows(run, width, height)[:height])
        show_content(self, content)
        self.border_title = "distributions"
        self.border_subtitle = self._subtitle(run, height)

    def _chains_of(self, run: RunView) -> Samples | None:
        """Return the chains whose energies are displayed before the first evaluation: newer ones after 2 % more steps."""
        newest, shown = run.samples if run.energies is None else None, self._chains
        if newest is None or shown is None or not shown.step <= newest.step < RENEWED * shown.step:
            self._chains = newest
        return self._chains

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action works now: the keys that scroll are hidden while all histograms fit."""
        return action != "scroll" or self._scrolls

    def action_scroll(self, by: int) -> None:
        """Scroll to later histograms, or to earlier ones if `by` is negative."""
        if self._run is not None:
            most = len(self._run.histograms) - visible_count(self._run, self.content_size.height)
            self.first = max(0, min(self.first + by, most))
            self.draw(self._run)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_scroll(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_scroll(1)

    def _subtitle(self, run: RunView, height: int) -> str:
        if run.energies is not None:
            step = f"step {run.energies.step:,}"
            width = self.content_size.width
            scored = run.assessment is not None and width < ROOM_SIDE_BY_SIDE
            brief = scores_in_brief(run.assessment, width - len(step) - 5) if scored and run.assessment else ""
            return f"{brief} · {step}" if brief else step
        count, shown = len(run.histograms), visible_count(run, height)
        if self._scrolls != (count > shown):
            self._scrolls = count > shown
            self.refresh_bindings()
        return f"{self.first + 1}–{self.first + shown} of {count}" if count > shown else ""

    def _rows(self, run: RunView, width: int, height: int) -> list[Content]:
        if run.energies is None and run.assessment is None:
            if run.histograms:
                return list(histogram_rows(run, self.first, width, height))
            recorded = "evaluate" not in run.info.abilities
            hint = self._hint(CHAINS_ALONE if recorded else NOT_EVALUATED, width)
            chains = list(chain_rows(self._chains_of(run), width, height - len(hint)))
            return [*chains, *hint] if chains or not recorded else self._hint(NOT_RECORDED, width)
        side_by_side = run.assessment is not None and width >= ROOM_SIDE_BY_SIDE
        left = (width - GAP) * 3 // 5 if side_by_side and run.energies is not None else width
        histograms = list(energy_rows(run.energies, left, height)) if run.energies is not None else []
        if run.assessment is None or (histograms and not side_by_side):
            return histograms
        right = width - left - GAP if histograms else width
        scores = list(score_rows(run.assessment, right, height))
        if not histograms:
            return scores
        empty = Content(" " * left)
        padded = [*histograms, *[empty] * (height - len(histograms))]
        others = [*scores, *[Content()] * (height - len(scores))]
        return [Content.assemble(a, " " * GAP, b) for a, b in zip(padded, others, strict=False)]

    def _hint(self, why: str, width: int) -> list[Content]:
        """Return rows with the reason why there are no histograms of images."""
        return [Content.styled(line, FAINT) for line in wrap(keyboard_of(self.app).fill(why), width)]


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
