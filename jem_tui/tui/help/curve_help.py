"""Explanations of the panels of a run, for the help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.screen import Screen

from jem_tui.tui.help.help_entry import HelpEntry

if TYPE_CHECKING:
    from jem_tui.events.metric_text import MetricText
    from jem_tui.tui.state.session import Session


@dataclass(frozen=True, slots=True)
class CurveHelp:
    """Explanations of the panels of a run, and of the one that fills the screen."""

    panels: Sequence[HelpEntry] = ()
    """Panels with an explanation, in their order on the screen."""
    maximized: HelpEntry | None = None
    """The panel that fills the screen; None while several panels are displayed, or without an explanation."""


NO_CURVES = CurveHelp()


def curve_help(screen: Screen[None], session: Session) -> CurveHelp:
    """Explain the panels of the run on `screen`, and the one that fills the screen, if any.

    A panel without a known tag, such as a metric of the user, has no explanation.
    """
    # These modules import numpy, which the first frame does not wait for
    from jem_tui.tui.charts.charts_pane import ChartsPane
    from jem_tui.tui.charts.panels import panels_of

    charts, run = screen.query_one(ChartsPane), session.state.run
    if run is None:
        return NO_CURVES
    compared = bool(session.comparison.shown)
    panels = panels_of(run, compared=compared, filter_text=charts.viewport.filter_text)
    explained = [_explain(panel.title, panel.tags) for panel in panels]
    maximized = explained[charts.viewport.chosen : charts.viewport.chosen + 1] if charts.viewport.maximized else []
    return CurveHelp([found for found in explained if found is not None], *maximized)


def _explain(title: str, tags: Sequence[str]) -> HelpEntry | None:
    texts = list(_texts(tags))
    return HelpEntry(title=title, text=" ".join(text.paragraph for text in texts)) if texts else None


def _texts(tags: Sequence[str]) -> Iterator[MetricText]:
    # Like all modules of events, this one imports more than the first frame waits for
    from jem_tui.events.metric_texts import metric_text

    for tag in tags:
        text = metric_text(tag)
        if text is not None and text.healthy:
            yield text
