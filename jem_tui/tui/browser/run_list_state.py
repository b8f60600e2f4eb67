"""The list of the browser: which runs are shown, in which order, which of them are marked, and which one is selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jem_tui.stream.runs.followed_catalog import CatalogRun

SortKey = Callable[[CatalogRun], tuple[object, ...]]
ORDERS: dict[str, SortKey] = {
    "newest": lambda run: (run.found.state != "running", -run.found.updated),
    "accuracy": lambda run: (run.found.accuracy is None, -(run.found.accuracy or 0.0)),
    "steps": lambda run: (run.found.step is None, -(run.found.step or 0)),
    "name": lambda run: (str(run.path),),
    "size": lambda run: (-run.log_bytes,),
}
"""Sort keys by the name of an order; live runs come first in the default order."""


@dataclass(slots=True)
class RunListState:
    """The user's choices, which survive while a run is open. Runs are identified by their folders."""

    runs: Sequence[CatalogRun] = ()
    """The runs that are shown, in their order."""
    selected: Path | None = None
    marked: dict[Path, None] = field(default_factory=dict)
    """Marked runs in the order of marking."""
    filter_text: str = ""
    order: str = "newest"

    def update(self, runs: Sequence[CatalogRun]) -> None:
        """Filter and sort all `runs`. The selection stays on its run, or else at its place in the list."""
        before = self.index
        shown = [run for run in runs if self._matches(run)]
        self.runs = sorted(shown, key=ORDERS[self.order])
        known = {run.path for run in runs}
        self.marked = {path: None for path in self.marked if path in known}
        if self.selected not in {run.path for run in self.runs}:
            self.select(before)

    @property
    def index(self) -> int:
        """Place of the selected run in the list; 0 without one."""
        return next((at for at, run in enumerate(self.runs) if run.path == self.selected), 0)

    @property
    def run(self) -> CatalogRun | None:
        """The selected run."""
        return next((run for run in self.runs if run.path == self.selected), None)

    def select(self, index: int) -> None:
        """Select the run at a place in the list, or the nearest one."""
        self.selected = self.runs[max(0, min(index, len(self.runs) - 1))].path if self.runs else None

    def toggle_mark(self) -> None:
        """Mark the selected run, or remove its mark."""
        if self.selected is not None and self.marked.pop(self.selected, ...) is ...:
            self.marked[self.selected] = None

    def follow_rename(self, old: Path, new: Path) -> None:
        """Keep selection and mark of a run whose folder was renamed."""
        if self.selected == old:
            self.selected = new
        self.marked = {new if path == old else path: None for path in self.marked}

    def next_order(self) -> str:
        """Switch to the next order and return its name."""
        names = list(ORDERS)
        self.order = names[(names.index(self.order) + 1) % len(names)]
        return self.order

    def _matches(self, run: CatalogRun) -> bool:
        """Return whether name, state, data, preset, tags or note contain every word of the filter."""
        found = run.found
        text = " ".join([str(run.path), found.state, found.data, found.preset, *found.tags, found.note]).casefold()
        text += " live" if found.state == "running" else ""
        return all(word in text for word in self.filter_text.casefold().split())
