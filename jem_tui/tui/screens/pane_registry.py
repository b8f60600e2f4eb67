"""The widgets of the run screen: what each is drawn from, and how often at most."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import monotonic

from textual.widget import Widget

from jem_tui.tui.charts.chart_settings import ChartSettings
from jem_tui.tui.charts.charts_pane import ChartsPane
from jem_tui.tui.panes.distributions_pane import DistributionsPane
from jem_tui.tui.panes.header import RunHeader
from jem_tui.tui.panes.notes_pane import NoteList, NotesPane
from jem_tui.tui.panes.notifications import NoteToasts
from jem_tui.tui.panes.status_line import StatusLine, cost_text
from jem_tui.tui.preferences.pane_layout import PaneName
from jem_tui.tui.repaint.containment import show_failure
from jem_tui.tui.repaint.scheduler import ScheduledPane
from jem_tui.tui.replay.comparison_pane import ComparisonPane
from jem_tui.tui.replay.timeline_bar import TimelineBar
from jem_tui.tui.samples.chain_pane import ChainPane
from jem_tui.tui.samples.chain_selection import ChainSelection
from jem_tui.tui.samples.samples_pane import SamplesPane
from jem_tui.tui.state.run_state import RunView
from jem_tui.tui.state.session import Session
from jem_tui.tui.terminal.output_backlog import frames_waiting
from jem_tui.tui.terminal.resource_usage import ResourceMeter

SAMPLES = "samples"
QUARTER, EIGHTH = 0.25, 0.125
READING = 2.0
"""Seconds between two looks at what the program takes of the machine."""
Cost = Callable[[], float | None]
"""The share of a core that the screen takes."""
MOST_FRAMES_WAITING = 3
"""With more frames on the way to a slow terminal, the costliest one is left out."""


class PaneRegistry:
    """The widgets that are drawn from the state of the run."""

    def __init__(self, session: Session, view: ChartSettings) -> None:
        self.timeline = TimelineBar(session, id="timeline")
        self.comparison = ComparisonPane(session.comparison, id="comparison")
        self.headline = RunHeader(id="header")
        self.curves = ChartsPane(view, id="curves")
        self.choice = ChainSelection()
        self.samples = SamplesPane(self.choice, id="samples")
        self.distributions = DistributionsPane(id="distributions")
        self.chain = ChainPane(self.choice, id="chain")
        self.notes = NoteList(id="note-list")
        self.status = StatusLine(id="status", markup=False)

    def board(self) -> dict[PaneName, Widget]:
        """Those that can be shown and hidden."""
        return {
            "curves": self.curves,
            "samples": self.samples,
            "distributions": self.distributions,
            "notes": NotesPane(self.notes, id="notes"),
            "chain": self.chain,
        }

    def panes(self, session: Session, cost: Cost) -> list[ScheduledPane]:
        """All of them, in the order in which they are drawn; `cost` is what drawing takes."""
        return [
            _headline(self.headline, session),
            _transport(self.timeline, session),
            _system(self.headline, session),
            _curves(self.curves, session),
            _samples(self.samples, self.headline, session),
            _frame(self.samples),
            _distributions(self.distributions),
            _chain(self.chain, self.choice),
            _notes(self.notes),
            _passing_notes(self.notes, session),
            _status(self.status, session, cost),
            _several(self.comparison, session),
        ]


def _headline(widget: RunHeader, session: Session) -> ScheduledPane:
    state, pending = session.state, session.pending
    return ScheduledPane(
        name="header",
        interval=QUARTER,
        failed=partial(show_failure, widget),
        visible=_visible(widget),
        stamp=lambda run: (run.step, run.images, run.sampling, state.status, pending.word, state.speed, widget.size),
        draw=lambda run: widget.show(state, pending),
    )


def _system(widget: RunHeader, session: Session) -> ScheduledPane:
    system = ResourceMeter()

    def draw(run: RunView) -> None:
        widget.use = system.read()
        widget.show(session.state, session.pending)

    return ScheduledPane(
        name="system",
        interval=READING,
        failed=partial(show_failure, widget),
        visible=_visible(widget),
        stamp=lambda run: int(monotonic() / READING),
        draw=draw,
    )


def _curves(widget: ChartsPane, session: Session) -> ScheduledPane:
    comparison = session.comparison
    return ScheduledPane(
        name="curves",
        interval=EIGHTH,
        failed=partial(show_failure, widget),
        visible=_visible(widget),
        stamp=lambda run: (run.changes, comparison.choice, widget.stamp),
        draw=lambda run: widget.show(run, comparison.shown, session.state.recorded_marks),
    )


def _samples(widget: SamplesPane, headline: RunHeader, session: Session) -> ScheduledPane:
    """The pictures together with the numbers around them, so that these are never older."""
    shown = _visible(widget)

    def draw(run: RunView) -> None:
        widget.show(run, still=not session.state.active)
        widget.describe(run)
        headline.show(session.state, session.pending)

    return ScheduledPane(
        name=SAMPLES,
        interval=QUARTER,
        failed=partial(show_failure, widget),
        visible=lambda: shown() and frames_waiting(widget.app._driver) <= MOST_FRAMES_WAITING,
        stamp=lambda run: (run.samples, run.pictures, session.state.active),
        draw=draw,
    )


def _frame(widget: SamplesPane) -> ScheduledPane:
    return ScheduledPane(
        name="frame",
        interval=QUARTER,
        failed=partial(show_failure, widget),
        visible=_visible(widget),
        stamp=lambda run: (run.samples is None, widget.grid.still, widget.grid.drawn, widget.grid.shown),
        draw=widget.describe,
    )


def _distributions(widget: DistributionsPane) -> ScheduledPane:
    return ScheduledPane(
        name="distributions",
        interval=QUARTER,
        failed=partial(show_failure, widget),
        visible=_visible(widget),
        stamp=lambda run: (run.energies, run.assessment, run.histograms, widget.first, widget.size),
        draw=widget.show,
    )


def _chain(widget: ChainPane, choice: ChainSelection) -> ScheduledPane:
    return ScheduledPane(
        name="chain",
        interval=QUARTER,
        failed=partial(show_failure, widget),
        visible=_visible(widget),
        stamp=lambda run: (run.samples, choice.row, widget.size),
        draw=widget.show,
    )


def _notes(widget: NoteList) -> ScheduledPane:
    return ScheduledPane(
        name="notes",
        interval=QUARTER,
        failed=partial(show_failure, widget),
        visible=_visible(widget),
        stamp=lambda run: (len(run.notes), widget.back, widget.size),
        draw=widget.show,
    )


def _passing_notes(widget: NoteList, session: Session) -> ScheduledPane:
    passing, shown = NoteToasts(widget), _visible(widget)
    return ScheduledPane(
        name="passing notes",
        interval=QUARTER,
        failed=partial(show_failure, widget),
        visible=lambda: session.state.outlook is None,
        stamp=lambda run: len(run.notes),
        draw=lambda run: passing.show(run, hidden=not shown()),
    )


def _status(widget: StatusLine, session: Session, cost: Cost) -> ScheduledPane:
    state, pending = session.state, session.pending
    return ScheduledPane(
        name="status",
        interval=QUARTER,
        failed=partial(show_failure, widget),
        visible=_visible(widget),
        stamp=lambda run: (pending.pending_text, cost_text(cost()), state.outlook, widget.size),
        draw=lambda run: widget.show(state, pending, cost()),
    )


def _transport(widget: TimelineBar, session: Session) -> ScheduledPane:
    state, transport = session.state, session.replay_controls
    return ScheduledPane(
        name="timeline",
        interval=EIGHTH,
        failed=partial(show_failure, widget),
        visible=_visible(widget),
        stamp=lambda run: (
            transport.step,
            transport.span,
            len(transport.marks),
            state.status,
            state.speed,
            widget.size,
        ),
        draw=lambda run: widget.show(),
    )


def _several(widget: ComparisonPane, session: Session) -> ScheduledPane:
    comparison = session.comparison
    return ScheduledPane(
        name="comparison",
        interval=QUARTER,
        failed=partial(show_failure, widget),
        visible=_visible(widget),
        stamp=lambda run: (run.step, comparison.choice, widget.size, widget.ready),
        draw=lambda run: widget.show(),
    )


def _visible(widget: Widget) -> Callable[[], bool]:
    """Says whether `widget` has room on the screen."""
    return lambda: widget.size.area > 0 and all(node.display for node in widget.ancestors_with_self)
