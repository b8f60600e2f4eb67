"""Rows of the table of ranks: all ranks, or a summary and the ranks that fit."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from jem_tui.events.rank_states import RankStates
from jem_tui.tui.panes.rank_columns import columns_for
from jem_tui.tui.state.rank_figures import MEDIAN, SUMMARIES, EnergySpread, figures_of, slowest_first, summary_of

ROOM_FOR_SUMMARY, ROOM_FOR_MEDIAN, ROOM_FOR_HEADINGS = 9, 5, 3
"""Minimum rows of a table that does not display all ranks with its three rows of summary, with the median alone, and with headings."""


@dataclass(frozen=True, slots=True)
class RankTable:
    """The rows of a table, and the part of the ranks that they display."""

    rows: list[Content]
    first: int
    """Number of ranks above the displayed ones."""
    shown: int
    """Number of displayed ranks."""
    by_rank: bool
    """True if the ranks are in the order of their numbers, False if the slowest is the first."""


def wanted_rows(states: RankStates) -> int:
    """Return the rows of a table with all ranks."""
    return 1 + states.size


def rank_table(states: RankStates, width: int, height: int, first: int = 0, by_rank: bool | None = None) -> RankTable:
    """Make the table in at most `height` rows of at most `width` columns, from the rank in place `first` on.

    Without a choice of the order by `by_rank`, ranks that do not all fit are displayed slowest first, below a summary.
    """
    fits = wanted_rows(states) <= height
    by_rank = fits if by_rank is None else by_rank
    spread = EnergySpread.of(states.energy)
    columns = columns_for(states, spread, width)
    summaries = () if fits or height < ROOM_FOR_MEDIAN else SUMMARIES if height >= ROOM_FOR_SUMMARY else (MEDIAN,)
    rows = [columns.headings()] if height >= ROOM_FOR_HEADINGS else []
    rows += [columns.row(summary_of(states, label)) for label in summaries]
    order = range(states.size) if by_rank else slowest_first(states, spread)
    room = max(0, height - len(rows))
    first = max(0, min(first, states.size - room))
    shown = order[first : first + room]
    rows += [columns.row(figures_of(states, rank, spread)) for rank in shown]
    return RankTable(rows, first, len(shown), by_rank)
