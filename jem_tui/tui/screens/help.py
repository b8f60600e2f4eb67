"""The keys, and what is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from jem_tui.tui.keys import KEYS, Need

SEEN = (
    "The energy E(x) = −logsumexp_y f(x)[y] is low where the network finds an image plausible: JEM/nrg is the mean energy of "
    "real images less that of samples, JEM/xe the cross-entropy of the classifier, JEM/total their sum. "
    "Every picture is a chain of the replay buffer: noise that Langevin steps carry down the energy, a few more steps "
    "each time it is drawn into a batch."
)
PALETTE = ("ctrl+p", "Search all commands, and change the colours.")


class HelpScreen(ModalScreen[None]):
    """Lists the keys that work here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "close", id="help-close", tooltip="Close the help."),
    ]

    def __init__(self, offered: Callable[[Need], bool]) -> None:
        super().__init__()
        self._keys = [key for key in KEYS if key.need is None or offered(key.need)]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help", classes="dialog"):
            yield Static(SEEN, id="help-seen", markup=False)
            for key in self._keys:
                yield _row(key.written, key.tooltip)
            yield _row(*PALETTE)

    def on_mount(self) -> None:
        panel = self.query_one("#help")
        panel.border_title, panel.border_subtitle = "help", "esc closes"


def _row(written: str, tooltip: str) -> Horizontal:
    return Horizontal(
        Static(written, classes="help-key", markup=False),
        Static(tooltip, classes="help-text", markup=False),
        classes="help-row",
    )
