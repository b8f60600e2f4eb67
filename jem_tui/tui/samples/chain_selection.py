"""Selected chain, which the samples pane and the chain pane share."""

from __future__ import annotations

from collections.abc import Sequence


class ChainSelection:
    """Selected chain as a row of `Samples`."""

    def __init__(self) -> None:
        self.row = 0

    def limit(self, chains: int) -> None:
        """Keep the selection within `chains` chains."""
        self.row = min(self.row, max(0, chains - 1))

    def move(self, by: int, rows: Sequence[int]) -> None:
        """Select the row `by` positions later in `rows`, or the first row if the selected one is not in `rows`."""
        if rows and self.row in rows:
            self.row = rows[max(0, min(len(rows) - 1, rows.index(self.row) + by))]
        elif rows:
            self.row = rows[0]
