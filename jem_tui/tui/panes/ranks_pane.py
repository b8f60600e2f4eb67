"""The ranks of a run on several ranks: speed, mean energy, waiting and memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from jem_tui.events.rank_states import RankStates
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.panes.rank_table import RankTable, rank_table, wanted_rows
from jem_tui.tui.preferences.theme import FAINT
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_view import RunView

NO_STATES = "no rank states up to this step"


@contain_failures
class RanksPane(Static):
    """A table with a row for each rank, as many as fit, and a summary where ranks are left out."""

    can_focus = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("ranks")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.border_title = "ranks"
        self._run: RunView | None = None
        self._first = 0
        self._by_rank: bool | None = None
        """The order that the user has chosen; None without a choice."""
        self._wanted = 0

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when the table differs."""
        return (run.ranks, self._first, self._by_rank, self.size)

    def draw(self, run: RunView) -> None:
        """Draw the ranks of `run` if the content differs from what is displayed."""
        self._run = run
        states, (width, height) = run.ranks, self.content_size
        self._request_rows(0 if states is None else wanted_rows(states))
        if not width or not height:
            return
        if states is None:
            self._show(Content.styled(NO_STATES, FAINT).truncate(width), "ranks", "")
            return
        table = rank_table(states, width, height, self._first, self._by_rank)
        self._first = table.first
        title = text_formats.shorten(_title(states), width)
        self._show(Content("\n").join(table.rows), title, _subtitle(states, table, width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the rows that all ranks need, which the style sheet limits."""
        return max(1, self._wanted)

    def action_scroll_ranks(self, by: int) -> None:
        """Scroll to later ranks, or to earlier ones if `by` is negative."""
        self._first = max(0, self._first + by)
        self._redraw()

    def action_first_rank(self) -> None:
        """Scroll to the first ranks."""
        self._first = 0
        self._redraw()

    def action_order_ranks(self) -> None:
        """Switch between the order of ranks and the slowest first."""
        if self._run is not None and self._run.ranks is not None:
            table = rank_table(self._run.ranks, *self.content_size, self._first, self._by_rank)
            self._by_rank, self._first = not table.by_rank, 0
            self._redraw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_scroll_ranks(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_scroll_ranks(1)

    def _redraw(self) -> None:
        if self._run is not None:
            self.draw(self._run)

    def _request_rows(self, wanted: int) -> None:
        if wanted != self._wanted:
            self._wanted = wanted
            self.refresh(layout=True)

    def _show(self, content: Content, title: str, subtitle: str) -> None:
        show_content(self, content)
        if (title, subtitle) != (self.border_title, self.border_subtitle):
            # As content, a name cannot hold markup
            self.border_title, self.border_subtitle = Content(title), Content(subtitle)


def _title(states: RankStates) -> str:
    """Return the number of ranks, with the device and the host that all share."""
    device, host = _shared(states.devices), _shared(states.hosts)
    return f"{states.size:,} ranks" + (f" · {device}" if device else "") + (f" · {host}" if host else "")


def _shared(names: Sequence[str]) -> str:
    known = {name for name in names if name}
    return known.pop() if len(known) == 1 else ""


def _subtitle(states: RankStates, table: RankTable, width: int) -> str:
    """Return the slowest rank, the displayed ranks and the step, or as many of these parts as fit."""
    parts = [f"step {states.step:,}"]
    if table.shown < states.size:
        parts.insert(0, f"{table.first + 1:,}–{table.first + table.shown:,} of {states.size:,}")
    if not table.by_rank:
        parts.insert(0, "slowest first")
    if states.slowest is not None:
        parts.insert(0, f"slowest {states.slowest}")
    while len(parts) > 1 and len(" · ".join(parts)) > width:
        parts.pop()
    return " · ".join(parts)
