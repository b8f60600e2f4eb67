"""State of the browser, kept while a run is open in its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from jem_tui.tui.browser.run_list_state import RunListState
from jem_tui.tui.browser.run_reading import RunReading


@dataclass(slots=True)
class BrowserState:
    """The folder, its runs as they have been read, and the user's choices."""

    root: Path
    reading: RunReading = field(init=False)
    list: RunListState = field(default_factory=RunListState)
    notice: str = ""
    """A sentence that the browser displays when it opens."""
    compared: tuple[Path, ...] = ()
    """Runs whose comparison is shown in place of the table."""
    preview: bool = True
    """False while the user has hidden the preview."""

    def __post_init__(self) -> None:
        self.reading = RunReading(self.root)
