"""Which chain is looked at."""

from __future__ import annotations

from collections.abc import Sequence


class ChainSelection:
    """A row of `Samples`."""

    def __init__(self) -> None:
        self.row = 0

    def limit(self, chains: int) -> None:
        """Stay among so many chains."""
        self.row = min(self.row, max(0, chains - 1))

    def move(self, by: int, rows: Sequence[int]) -> None:
        """Choose another of `rows`, so many places on as they are shown; the first one if the chosen one is not among them."""
        if rows and self.row in rows:
            self.row = rows[max(0, min(len(rows) - 1, rows.index(self.row) + by))]
        elif rows:
            self.row = rows[0]
