"""Histograms of energies, the reliability diagram and the OOD scores of a run; the histograms of a foreign log."""

from __future__ import annotations

from collections.abc import Hashable
from textwrap import wrap
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.run import Samples
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.panes.distribution_rows import (
    chain_rows,
    energy_rows,
    histogram_rows,
    score_rows,
    scores_in_brief,
    visible_count,
)
from jem_tui.tui.preferences.theme import FAINT
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state.run_view import RunView

ROOM_SIDE_BY_SIDE = 64
"""Minimum width of a pane with the scores at the right of the histograms, in columns."""
GAP = 3
"""Columns between histograms and scores."""
NOT_EVALUATED = "each evaluation measures energies; press {evaluate} to evaluate now"
NOT_RECORDED = "the recording has no histograms up to this step"
CHAINS_ALONE = "an evaluation adds histograms of images; the recording has none up to this step"
RENEWED = 1.02
"""Factor of the steps after which the histogram of chains is drawn again: drawing it costs as much as three charts."""


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
        scores = run.assessment
        if run.energies is None:
            return (
                list(score_rows(scores, width, height)) if scores is not None else self._unevaluated(run, width, height)
            )
        if scores is None or width < ROOM_SIDE_BY_SIDE:
            return list(energy_rows(run.energies, width, height))
        left = (width - GAP) * 3 // 5
        return side_by_side(
            list(energy_rows(run.energies, left, height)),
            list(score_rows(scores, width - left - GAP, height)),
            left,
            height,
        )

    def _unevaluated(self, run: RunView, width: int, height: int) -> list[Content]:
        """Return the rows of a run without an evaluation: histograms of a foreign log, or of the energies of chains, or why there are none."""
        if run.histograms:
            return list(histogram_rows(run, self.first, width, height))
        recorded = "evaluate" not in run.info.abilities
        hint = self._hint(CHAINS_ALONE if recorded else NOT_EVALUATED, width)
        chains = list(chain_rows(self._chains_of(run), width, height - len(hint)))
        return [*chains, *hint] if chains or not recorded else self._hint(NOT_RECORDED, width)

    def _hint(self, why: str, width: int) -> list[Content]:
        """Return rows with the reason why there are no histograms of images."""
        return [Content.styled(line, FAINT) for line in wrap(keyboard_of(self.app).fill(why), width)]


def side_by_side(left: list[Content], right: list[Content], width: int, height: int) -> list[Content]:
    """Join rows, of which the left ones have `width` columns, and add blank ones up to `height`."""
    lefts = [*left, *[Content(" " * width)] * (height - len(left))]
    rights = [*right, *[Content()] * (height - len(right))]
    return [Content.assemble(a, " " * GAP, b) for a, b in zip(lefts, rights, strict=False)]
