"""The dialog about a run that failed, could not start, or diverged."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from jem_tui.errors import Reason
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.supervision.steady_screen import SteadyScreen

if TYPE_CHECKING:
    from jem_tui.events.run import Stopped

TITLES: dict[Reason, str] = {
    "failed": "The run failed",
    "refused": "Could not start",
    "diverged": "The run diverged",
}


def failure_title(stopped: Stopped, *, attached: bool, shown: bool) -> str:
    """Return the title of the dialog about the end of a run; empty if no dialog is needed.

    A viewer that never displayed a run, unlike one that displayed its end, could not attach. An interruption has an error if the
    process of the run was killed.
    """
    if attached and not shown:
        return "The run cannot be displayed"
    interrupted = "The run was interrupted" if stopped.reason == "interrupted" and stopped.error else ""
    return TITLES.get(stopped.reason, interrupted)


class FailureScreen(SteadyScreen, ModalScreen[None]):
    """A dialog with the error of a run and its folder."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("failure")]

    def __init__(self, title: str, stopped: Stopped, run_dir: str, hint: str) -> None:
        super().__init__()
        self._title = title
        self._stopped = stopped
        self._run_dir = run_dir
        self._hint = hint

    def compose(self) -> ComposeResult:
        with Vertical(id="failure", classes="dialog"):
            yield Static(self._stopped.error or "The cause is unknown.", id="failure-error", markup=False)
            if self._run_dir:
                yield Static("Run folder", classes="dialog-label")
                yield Static(self._run_dir, id="failure-dir", markup=False)

    def on_mount(self) -> None:
        panel = self.query_one("#failure")
        panel.border_title = self._title
        panel.border_subtitle = keyboard_of(self.app).fill(self._hint)
