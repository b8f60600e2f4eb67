"""The panes of the run screen, and how often each is drawn at most."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from time import time

from textual.widget import Widget

from jem_tui.events.chain_facts import ChainState
from jem_tui.tui.charts.chart_settings import ChartSettings
from jem_tui.tui.charts.charts_pane import ChartsPane
from jem_tui.tui.panes.console_pane import ConsoleOutput, ConsolePane
from jem_tui.tui.panes.distributions_pane import DistributionsPane
from jem_tui.tui.panes.header import RunHeader
from jem_tui.tui.panes.notes_pane import NoteList, NotesPane
from jem_tui.tui.panes.notifications import NoteToasts
from jem_tui.tui.panes.ranks_pane import RanksPane
from jem_tui.tui.panes.sampler_pane import SamplerPane
from jem_tui.tui.panes.status_line import StatusLine
from jem_tui.tui.preferences.pane_layout import PaneName
from jem_tui.tui.repaint.containment import show_failure
from jem_tui.tui.repaint.scheduler import Drawable, ScheduledPane, is_on_screen
from jem_tui.tui.replay.comparison_pane import ComparisonPane
from jem_tui.tui.replay.timeline_bar import TimelineBar
from jem_tui.tui.samples.chain_pane import ChainPane
from jem_tui.tui.samples.chain_selection import ChainSelection
from jem_tui.tui.samples.samples_pane import SamplesPane
from jem_tui.tui.state.run_state import RunView
from jem_tui.tui.state.session import Session
from jem_tui.tui.terminal.output_backlog import frames_waiting

SAMPLES = "samples"
QUARTER, EIGHTH = 0.25, 0.125
"""Minimum seconds between two repaints of a pane."""
MOST_FRAMES_WAITING = 3
"""Frames in the queue of a slow terminal beyond which the samples, the costliest pane, are not drawn."""


class PaneRegistry:
    """All widgets that are drawn from the state of the run."""

    def __init__(self, session: Session, settings: ChartSettings, cost: Callable[[], float | None]) -> None:
        """Create the widgets; `cost` returns the share of a processor core that drawing takes."""
        self._session = session
        self.header = RunHeader(session, id="header")
        self.timeline = TimelineBar(session, id="timeline")
        self.charts = ChartsPane(session, settings, id="curves")
        self.selection = ChainSelection()
        self.samples = SamplesPane(self.selection, id="samples")
        self.samples.requests = session.chain_requests
        self.distributions = DistributionsPane(id="distributions")
        self.chain = ChainPane(self.selection, id="chain")
        self.notes = NoteList(id="note-list")
        self.console = ConsoleOutput(session.state, id="console-output")
        self.ranks = RanksPane(id="ranks")
        self.sampler = SamplerPane(id="sampler")
        self.status = StatusLine(session, cost, id="status")
        self.comparison = ComparisonPane(session.comparison, id="comparison")

    @property
    def enlarged_state(self) -> ChainState | None:
        """The displayed state of the chain that fills the screen; None while none does."""
        return self.samples.enlarged_state

    def by_name(self) -> dict[PaneName, Widget]:
        """Return the panes that the user can show and hide."""
        return {
            "curves": self.charts,
            "samples": self.samples,
            "distributions": self.distributions,
            "notes": NotesPane(self.notes, id="notes"),
            "chain": self.chain,
            "console": ConsolePane(self.console, id="console"),
            "ranks": self.ranks,
            "sampler": self.sampler,
        }

    def scheduled(self) -> list[ScheduledPane]:
        """Return all panes in the order in which they are drawn."""
        samples = _scheduled(self.samples, _SamplesWithHeader(self.samples, self.header, self._session), name=SAMPLES)
        on_screen = samples.visible
        samples.visible = lambda: on_screen() and frames_waiting(self.samples.app._driver) <= MOST_FRAMES_WAITING
        since = 0.0 if self._session.role.attachment is None else time()
        toasts = _scheduled(self.notes, NoteToasts(self.notes, since), name="toasts")
        toasts.visible = lambda: self._session.state.recording is None
        return [
            _scheduled(self.header, self.header),
            _scheduled(self.timeline, self.timeline, interval=EIGHTH),
            _scheduled(self.charts, self.charts, interval=EIGHTH),
            samples,
            _scheduled(self.samples, _SamplesBorder(self.samples), name="border"),
            _scheduled(self.distributions, self.distributions),
            _scheduled(self.chain, self.chain),
            _scheduled(self.notes, self.notes),
            toasts,
            _scheduled(self.console, self.console),
            _scheduled(self.ranks, self.ranks),
            _scheduled(self.sampler, self.sampler),
            _scheduled(self.status, self.status),
            _scheduled(self.comparison, self.comparison),
        ]


class _SamplesWithHeader:
    """The samples together with the numbers of the header, which would otherwise be older."""

    def __init__(self, pane: SamplesPane, header: RunHeader, session: Session) -> None:
        self._pane = pane
        self._header = header
        self._session, self._state = session, session.state

    def stamp(self, run: RunView) -> Hashable:
        return (run.samples, run.pictures, self._state.active, self._answers())

    def _answers(self) -> int:
        """Return the number of answers about the enlarged chain, 0 while there is none."""
        return self._session.chain_requests.answers if self._pane.enlarged else 0

    def draw(self, run: RunView) -> None:
        self._pane.show(run, still=not self._state.active)
        self._pane.describe(run)
        self._header.draw(run)


class _SamplesBorder:
    """The border of the samples, whose text follows from how they were drawn."""

    def __init__(self, pane: SamplesPane) -> None:
        self._pane = pane

    def stamp(self, run: RunView) -> Hashable:
        grid = self._pane.grid
        return (run.samples is None, grid.still, grid.drawn, grid.shown)

    def draw(self, run: RunView) -> None:
        self._pane.describe(run)


def _scheduled(widget: Widget, drawable: Drawable, *, interval: float = QUARTER, name: str = "") -> ScheduledPane:
    """Schedule what `drawable` draws while `widget` is on the screen."""
    return ScheduledPane(
        name=name or widget.id or "",
        interval=interval,
        visible=partial(is_on_screen, widget),
        drawable=drawable,
        failed=partial(show_failure, widget),
    )
