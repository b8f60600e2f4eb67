"""Visibility of the panes, and widths of the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

PaneName = Literal["curves", "samples", "distributions", "notes", "chain", "console", "ranks", "sampler"]
PANES: tuple[PaneName, ...] = get_args(PaneName)
"""Names of all panes, in the order of the keys 1 to 8."""
LEFT: tuple[PaneName, ...] = ("curves", "notes")
"""Panes of the left column; all others are in the right column."""
LOWER: tuple[PaneName, ...] = ("distributions", "chain")
"""Panes of the right column that share a row below the samples."""

USUALLY_EMPTY: frozenset[PaneName] = frozenset({"console", "ranks", "sampler"})
"""Panes without content in most runs; these are never displayed while empty, even if the user has chosen them."""

ROOM_FOR_NOTES = 26
"""Minimum number of rows at which notes are displayed by default."""
ROOM_FOR_DISTRIBUTIONS, HIGH = 34, 45
"""Minimum numbers of rows at which distributions are displayed by default: as the only pane below the samples, and in any case."""
ROOM_FOR_CHAIN = 160
"""Minimum number of columns at which the chain is displayed by default on a high screen."""
OVERVIEW: tuple[PaneName, ...] = ("curves", "samples")
"""Panes that a narrow screen displays side by side until the user chooses a tab."""
MIN_SHARE, MOST_SHARE = 0.25, 0.75
DEFAULT_SHARE = 0.5
STEP = 0.05
"""Change of the left column's share by one key press."""


@dataclass(frozen=True, slots=True)
class PaneLayout:
    """The user's choice of panes and widths; without a choice, the size of the terminal decides."""

    share: float = DEFAULT_SHARE
    """Share of the width for the left column."""
    chosen: Mapping[PaneName, bool] = field(default_factory=dict)
    """Panes that the user has shown (True) or hidden (False)."""

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> PaneLayout:
        """Create a layout from saved settings, with defaults for missing or unknown values."""
        share = stored.get("share")
        known = isinstance(share, int | float) and MIN_SHARE <= share <= MOST_SHARE
        chosen = {name: value for name in PANES if isinstance(value := stored.get(name), bool)}
        return cls(float(share) if known and isinstance(share, int | float) else cls().share, chosen)

    def stored(self) -> dict[str, float | bool]:
        """Return the settings that `read` accepts."""
        return {"share": round(self.share, 3), **{str(name): shown for name, shown in self.chosen.items()}}

    def shown(self, width: int, height: int, empty: frozenset[PaneName] = USUALLY_EMPTY) -> tuple[PaneName, ...]:
        """Return the panes on a screen of this size, in the order of their keys; `empty` ones only if the user has chosen them.

        An empty pane of `USUALLY_EMPTY` is left out in any case.
        """
        alone = {"console", "ranks"} <= empty
        lofty = height >= (ROOM_FOR_DISTRIBUTIONS if alone else HIGH) or "samples" in empty
        usual: dict[PaneName, bool] = {
            "curves": True,
            "samples": True,
            "distributions": lofty,
            "notes": height >= ROOM_FOR_NOTES,
            "chain": width >= ROOM_FOR_CHAIN and height >= HIGH,
            "console": height >= ROOM_FOR_NOTES or "samples" in empty,
            "ranks": height >= ROOM_FOR_NOTES or "samples" in empty,
            "sampler": False,
        }
        missing = empty & USUALLY_EMPTY
        found = (
            name for name in PANES if name not in missing and self.chosen.get(name, usual[name] and name not in empty)
        )
        return tuple(found) or ("curves",)

    def overview(self, empty: frozenset[PaneName]) -> tuple[PaneName, ...]:
        """Return the panes that a narrow screen displays side by side: those of `OVERVIEW` that are not empty and not hidden."""
        found = tuple(name for name in OVERVIEW if self.chosen.get(name, True) and name not in empty)
        return found or ("curves",)

    def toggled(
        self, name: PaneName, width: int, height: int, empty: frozenset[PaneName] = USUALLY_EMPTY
    ) -> PaneLayout:
        """Return a layout with the pane `name` shown or hidden on a screen of this size; the last pane stays."""
        shown = self.shown(width, height, empty)
        if shown == (name,):
            return self
        return replace(self, chosen={**self.chosen, name: name not in shown})

    def widened(self, by: float) -> PaneLayout:
        """Return a layout whose left column is wider by the share `by`, within limits."""
        return replace(self, share=min(MOST_SHARE, max(MIN_SHARE, self.share + by)))
