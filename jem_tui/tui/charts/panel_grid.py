"""Grid of panels: its columns and rows, and the first visible panel."""

from __future__ import annotations

from dataclasses import dataclass

COMFORTABLE, NARROWEST = 38, 28
"""Preferred and minimum width of a panel in columns."""
LOWEST, USUAL = 6, 8
"""Minimum and preferred height of a panel in rows."""
MAIN_COUNT = 4
"""Number of main panels, which are narrower than preferred if that makes all of them visible."""


@dataclass(frozen=True, slots=True)
class PanelGrid:
    """Grid of panels of equal size, row by row."""

    columns: int
    rows: int

    @property
    def room(self) -> int:
        """Number of panels in the grid."""
        return self.columns * self.rows

    def reach(self, top: int, chosen: int, count: int) -> int:
        """Return the first visible panel after the shortest scrolling from `top` that makes `chosen` visible.

        The result is a multiple of `columns`.
        """
        row = chosen // self.columns
        most = max(0, -(-count // self.columns) - self.rows)
        first = min(max(top // self.columns, row - self.rows + 1), row, most)
        return first * self.columns


def fit_grid(width: int, height: int, count: int) -> PanelGrid:
    """Return the grid for `count` panels on `width` × `height` cells."""
    rows = max(1, min(height // LOWEST, round(height / USUAL)))
    columns = max(1, width // COMFORTABLE)
    if columns * rows < min(count, MAIN_COUNT) and width // (columns + 1) >= NARROWEST:
        columns += 1
    columns = min(columns, max(1, count))
    return PanelGrid(columns, min(rows, max(1, -(-count // columns))))
