"""How many panels there are beside and below each other, and which of them are in sight."""

from __future__ import annotations

from dataclasses import dataclass

COMFORTABLE, NARROWEST = 38, 28
"""Columns of a panel."""
LOWEST, USUAL = 6, 8
"""Rows of a panel that has all its parts, and of one that is not squat."""
MAIN_COUNT = 4
"""The first panels, which are crowded if that is what it takes to see them."""


@dataclass(frozen=True, slots=True)
class PanelGrid:
    """Panels of one size, in reading order."""

    columns: int
    rows: int

    @property
    def room(self) -> int:
        """Panels in sight."""
        return self.columns * self.rows

    def reach(self, top: int, chosen: int, count: int) -> int:
        """The first panel in sight, moved from `top` as little as it takes to have `chosen` in sight; a multiple of `columns`."""
        row = chosen // self.columns
        most = max(0, -(-count // self.columns) - self.rows)
        first = min(max(top // self.columns, row - self.rows + 1), row, most)
        return first * self.columns


def fit_grid(width: int, height: int, count: int) -> PanelGrid:
    """The grid for `count` panels on so many columns and rows of cells."""
    rows = max(1, min(height // LOWEST, round(height / USUAL)))
    columns = max(1, width // COMFORTABLE)
    if columns * rows < min(count, MAIN_COUNT) and width // (columns + 1) >= NARROWEST:
        columns += 1
    columns = min(columns, max(1, count))
    return PanelGrid(columns, min(rows, max(1, -(-count // columns))))
