"""Columns of the table of ranks: their texts in constant widths, and the choice of columns that fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from rich.cells import cell_len
from textual.content import Content

from jem_tui.events.rank_states import RankStates
from jem_tui.minus_sign import minus_signs
from jem_tui.number_text import whole_percent
from jem_tui.tui.panes.header import progress_bar
from jem_tui.tui.preferences.theme import FAINT, MUTED
from jem_tui.tui.state.rank_figures import FEWEST, EnergySpread, RankFigures
from jem_tui.tui.state.text_formats import UNKNOWN, fitted

GAPS = (2, 1)
"""Columns between two columns of the table, with room and without."""
MOST_OF_HOST, MOST_OF_DEVICE = 16, 20
"""Maximum width of the names of hosts and devices."""
SPEED, ENERGY, SHARE = 8, 9, 4
"""Widths of a speed, of a mean energy and of a share in per cent."""
BAR, WIDEST_BAR, TRACK = 6, 24, 13
"""Widths of the bar of a share, at least and at most, and of the track of an energy."""
GIB = 1 << 30
NEARLY_FULL = 0.95
"""Minimum share of the memory in use at which it is highlighted."""
_MOST_DECIMAL = 1e5
"""Smallest magnitude that is displayed with an exponent."""


@dataclass(frozen=True, slots=True)
class RankColumn:
    """A column of the table: the width, the heading, and the content of a row in that width."""

    width: int
    heading: str
    cell: Callable[[RankFigures, int], Content]
    left: bool = False
    """True if the heading is at the left."""

    def heading_cell(self) -> Content:
        """Return the heading, aligned as the content is."""
        return Content.styled(fitted(self.heading, self.width) if self.left else f"{self.heading:>{self.width}}", MUTED)


@dataclass(frozen=True, slots=True)
class FittingColumns:
    """The columns of a table in a width, with the gap between them."""

    chosen: Sequence[RankColumn]
    gap: int
    width: int

    def headings(self) -> Content:
        """Return the row of headings."""
        return self._row([column.heading_cell() for column in self.chosen])

    def row(self, figures: RankFigures) -> Content:
        """Return the row of a rank, or of a summary."""
        if figures.silent:
            name = f"{figures.host}: " if figures.host else ""
            return self._row([_label(figures, self.chosen[0].width), Content.styled(f"{name}no report", FAINT)])
        return self._row([column.cell(figures, column.width) for column in self.chosen])

    def _row(self, cells: Sequence[Content]) -> Content:
        return Content(" " * self.gap).join(cells).truncate(self.width)


def columns_for(states: RankStates, spread: EnergySpread, width: int) -> FittingColumns:
    """Return the columns that fit into `width`; a name that all ranks share has no column, nor has the spread of few ranks."""
    hosts, devices = (_longest(names) for names in (states.hosts, states.devices))
    widest = max((len(_gib(total)) for total in (*states.memory, *states.memory_total)), default=0)
    known = {
        "rank": RankColumn(2 + max(len("rank"), len(str(states.size))), "  rank", _label, left=True),
        "host": RankColumn(min(MOST_OF_HOST, hosts), "host", _host, left=True),
        "device": RankColumn(min(MOST_OF_DEVICE, devices), "device", _device, left=True),
        "speed": RankColumn(SPEED, "images/s", _speed),
        "energy": RankColumn(ENERGY + 1, "E(x) ", _energy),
        "track": RankColumn(TRACK, "spread", spread_track(spread), left=True),
        "bar": RankColumn(BAR + 1 + SHARE, "waiting", _waiting, left=True),
        "share": RankColumn(SHARE + 3, "waiting", _share),
        "memory": RankColumn(2 * widest + len("/ GiB"), "memory", _memory),
        "filled": RankColumn(SHARE + 2, "memory", _filled),
    }
    names = [name for name in ("host", "device") if known[name].width]
    for wanted, gap in product(_wishes(names, with_track=states.size >= FEWEST), GAPS):
        chosen = [known[name] for name in wanted]
        left = width - sum(column.width + gap for column in chosen) + gap
        if left >= 0:
            break
    more = max(0, min(left, WIDEST_BAR - BAR))
    chosen = [replace(each, width=each.width + more) if each is known["bar"] else each for each in chosen]
    return FittingColumns(chosen, gap, width)


def spread_track(spread: EnergySpread) -> Callable[[RankFigures, int], Content]:
    """Return the cells of a track from the lowest to the highest mean energy, with a mark at the median and a dot at that of a rank."""

    def track(figures: RankFigures, width: int) -> Content:
        place = spread.place(figures.energy)
        if place is None:
            return Content(" " * width)
        cells = [("·", FAINT)] * width
        cells[round((spread.place(spread.median) or 0.0) * (width - 1))] = ("┆", MUTED)
        cells[round(place * (width - 1))] = ("●", "$text-error" if figures.deviates else "$primary")
        return Content.assemble(*cells)

    return track


def _wishes(names: list[str], *, with_track: bool) -> list[list[str]]:
    """Return the columns of the table, from the widest choice to the narrowest."""
    host = [name for name in names if name == "host"]
    with_spread = [["rank", *names, "speed", "energy", "track", "bar", "memory"]] if with_track else []
    return [
        *with_spread,
        ["rank", *names, "speed", "energy", "bar", "memory"],
        ["rank", *host, "speed", "energy", "bar", "memory"],
        ["rank", *host, "speed", "energy", "bar", "filled"],
        ["rank", "speed", "energy", "bar", "filled"],
        ["rank", "speed", "energy", "share", "filled"],
        ["rank", "speed", "energy", "share"],
        ["rank", "speed", "share"],
        ["rank", "share"],
    ]


def _longest(names: Sequence[str]) -> int:
    """Return the width of the longest name, 0 if there is only one."""
    known = {name for name in names if name}
    return max(map(cell_len, known)) if len(known) > 1 else 0


def _label(figures: RankFigures, width: int) -> Content:
    sign, tone = ("▸ ", "bold $text-warning") if figures.slowest else ("  ", "$foreground")
    return Content.assemble((sign, tone), (fitted(figures.label, width - 2), MUTED if figures.summary else tone))


def _host(figures: RankFigures, width: int) -> Content:
    return Content(fitted(figures.host, width))


def _device(figures: RankFigures, width: int) -> Content:
    return Content.styled(fitted(figures.device, width), MUTED)


def _speed(figures: RankFigures, width: int) -> Content:
    text = _number(figures.images_per_second, 1 if abs(figures.images_per_second) < 100 else 0)
    return Content.styled(f"{text:>{width}}", "$text-warning" if figures.slowest else "$foreground")


def _energy(figures: RankFigures, width: int) -> Content:
    sign, tone = ("!", "bold $text-error") if figures.deviates else (" ", "$foreground")
    text = _number(figures.energy, 2 if abs(figures.energy) < 9999 else 0)
    return Content.styled(f"{text:>{width - 1}}{sign}", tone)


def _waiting(figures: RankFigures, width: int) -> Content:
    bar = width - SHARE - 1
    tone = "$text-warning" if figures.slowest else "$primary"
    share = figures.waiting if math.isfinite(figures.waiting) else 0.0
    return Content.assemble(progress_bar(share, bar, tone), " ", _share(figures, SHARE))


def _share(figures: RankFigures, width: int) -> Content:
    return Content.styled(
        f"{whole_percent(figures.waiting):>{width}}", "$text-warning" if figures.slowest else "$foreground"
    )


def _memory(figures: RankFigures, width: int) -> Content:
    if figures.memory <= 0:
        return Content(f"{UNKNOWN:>{width}}")
    total = f"/{_gib(figures.memory_total)}" if figures.memory_total > 0 else ""
    text = f"{_gib(figures.memory)}{total}"
    return Content.assemble((f"{text:>{width - 4}}"[: width - 4], _memory_tone(figures)), (" GiB", MUTED))


def _filled(figures: RankFigures, width: int) -> Content:
    known = figures.memory > 0 and figures.memory_total > 0
    share = figures.memory / figures.memory_total if known else math.nan
    return Content.styled(f"{whole_percent(share):>{width}}", _memory_tone(figures))


def _memory_tone(figures: RankFigures) -> str:
    full = figures.memory_total > 0 and figures.memory >= NEARLY_FULL * figures.memory_total
    return "$text-warning" if full else "$foreground"


def _number(value: float, digits: int) -> str:
    """Format a number in at most `SPEED` columns, with an exponent if it is large."""
    if math.isnan(value):
        return UNKNOWN
    text = f"{value:,.{digits}f}" if abs(value) < _MOST_DECIMAL or math.isinf(value) else f"{value:.0e}"
    return minus_signs(text)


def _gib(count: int) -> str:
    gib = count / GIB
    return f"{gib:.1f}" if abs(gib) < _MOST_DECIMAL else f"{gib:.0e}"
