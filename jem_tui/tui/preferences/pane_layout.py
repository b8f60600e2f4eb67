"""Which panes are on the screen, and how much of its width each column gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

PaneName = Literal["curves", "samples", "distributions", "notes", "chain"]
PANES: tuple[PaneName, ...] = get_args(PaneName)
"""In the order of the keys 1 to 5."""
LEFT: tuple[PaneName, ...] = ("curves", "notes")
"""The left column; the others are in the right one."""
LOWER: tuple[PaneName, ...] = ("distributions", "chain")
"""Below the samples."""

ROOM_FOR_NOTES = 26
"""Rows from which there are notes below the curves."""
ROOM_FOR_DISTRIBUTIONS, ROOM_FOR_CHAIN = 45, 160
"""Rows and columns from which what is below the samples is shown without being asked for."""
LEAST_SHARE, MOST_SHARE = 0.25, 0.75
STEP = 0.05


@dataclass(frozen=True, slots=True)
class PaneLayout:
    """What the user has chosen; the size of the terminal decides about the rest."""

    share: float = 0.5
    """Of the width, for the left column."""
    chosen: Mapping[PaneName, bool] = field(default_factory=dict)
    """Panes that were shown or hidden by hand."""

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> PaneLayout:
        """What `stored` kept; the default for what is missing or no longer known."""
        share = stored.get("share")
        known = isinstance(share, int | float) and LEAST_SHARE <= share <= MOST_SHARE
        chosen = {name: value for name in PANES if isinstance(value := stored.get(name), bool)}
        return cls(float(share) if known and isinstance(share, int | float) else cls().share, chosen)

    def stored(self) -> dict[str, float | bool]:
        """What `read` takes."""
        return {"share": round(self.share, 3), **{str(name): shown for name, shown in self.chosen.items()}}

    def shown(self, width: int, height: int, lacks: frozenset[PaneName] = frozenset()) -> tuple[PaneName, ...]:
        """The panes on a screen of so many columns and rows, in the order of their keys; what the run `lacks` only if chosen."""
        lofty = height >= ROOM_FOR_DISTRIBUTIONS or "samples" in lacks
        usual: dict[PaneName, bool] = {
            "curves": True,
            "samples": True,
            "distributions": lofty,
            "notes": height >= ROOM_FOR_NOTES,
            "chain": lofty and width >= ROOM_FOR_CHAIN,
        }
        found = (name for name in PANES if self.chosen.get(name, usual[name] and name not in lacks))
        return tuple(found) or ("curves",)

    def toggled(self, name: PaneName, width: int, height: int, lacks: frozenset[PaneName] = frozenset()) -> PaneLayout:
        """With one pane more or less on a screen of this size; the last one stays."""
        shown = self.shown(width, height, lacks)
        if shown == (name,):
            return self
        return replace(self, chosen={**self.chosen, name: name not in shown})

    def widened(self, by: float) -> PaneLayout:
        """With another share for the left column, within bounds."""
        return replace(self, share=min(MOST_SHARE, max(LEAST_SHARE, self.share + by)))
