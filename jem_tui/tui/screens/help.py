"""The keys, and what is seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from jem_tui.tui.keys import SECTIONS, Key

SEEN = (
    "The energy E(x) = −logsumexp_y f(x)[y] is low where the network finds an image plausible: JEM/nrg is the mean energy of "
    "real images less that of samples, JEM/xe the cross-entropy of the classifier, JEM/total their sum. Bright lines are "
    "smoothed, the band behind them is every step, dotted vertical lines are pauses, reseeds and checkpoints.",
    "Every picture is a chain of the replay buffer: an image that Langevin steps carry down the energy, a few more steps each "
    "time it is drawn into a batch. With the default settings chains start from Gaussians fitted to the training images of "
    "each class, and now and then one starts anew; r restarts all of them from uniform noise.",
    "Below each picture, where there is room: the class that the network predicts for it, and p(y|x̂), how sure it is of that.",
)
PALETTE = ("ctrl+p", "Search all commands, and change the theme.")
PANES = {"runs": "runs in the list", "chain": "chosen chain and its tiles"}
"""How a pane is called in a sentence, where it is not by its name."""

KEY_WIDTH, LEAST_WIDTH = 10, 40
"""Columns of a key's name, and of both together at least."""


class HelpScreen(ModalScreen[None]):
    """Lists the keys that work here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "close", id="help-close", tooltip="Close the help."),
    ]

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help", classes="dialog"):
            yield Static(id="help-keys")
            yield Static("what is seen", classes="help-title")
            for paragraph in SEEN:
                yield Static(paragraph, classes="help-seen", markup=False)

    def on_resize(self) -> None:
        """One text for all keys, wrapped here: a widget for each row would take half a second to mount."""
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        keys = self.query_one("#help-keys", Static)
        keys.update(Content("\n").join(self._lines(max(LEAST_WIDTH, keys.size.width) - KEY_WIDTH)))

    def _lines(self, width: int) -> Iterator[Content]:
        for title, section in SECTIONS.items():
            wanted = {key.id for key in section}
            yield from _section(title, [key for key in self._keys if key.id in wanted], width)
        yield from _row(*PALETTE, width)

    def on_mount(self) -> None:
        panel = self.query_one("#help")
        panel.border_title, panel.border_subtitle = "help", "↑ ↓ scroll, esc closes"


def _section(title: str, keys: Sequence[Key], width: int) -> Iterator[Content]:
    """The keys of a part of the screen: those that work everywhere, then those that need the focus on a pane."""
    for focus in dict.fromkeys(key.focus for key in sorted(keys, key=lambda key: bool(key.focus))):
        heading = f"{PANES.get(focus, focus)}, while they have the focus (tab)" if focus else title
        yield Content()
        yield Content.styled(heading, "bold $foreground")
        for key in keys:
            if key.focus == focus:
                yield from _row(key.written, key.tooltip, width)


def _row(written: str, tooltip: str, width: int) -> Iterator[Content]:
    """A key and its sentence, which goes on below itself."""
    for number, line in enumerate(wrap(tooltip, width)):
        key = written if number == 0 else ""
        yield Content.assemble((f"{key:{KEY_WIDTH}}", "bold $text-accent"), line)
