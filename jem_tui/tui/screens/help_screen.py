"""The keys, and what is seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from jem_tui.tui.keys import SECTIONS, Key
from jem_tui.tui.supervision.steady_screen import SteadyScreen

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


class HelpScreen(SteadyScreen, ModalScreen[None]):
    """Lists the keys that work here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "close", id="help-close", tooltip="Close the help."),
    ]

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        panel = VerticalScroll(id="help", classes="dialog")
        panel.border_title, panel.border_subtitle = "help", "↑ ↓ scroll, esc closes"
        with panel:
            yield KeyTable(self._keys)
            yield Static("what is seen", classes="help-title")
            for paragraph in SEEN:
                yield Static(paragraph, classes="help-seen", markup=False)


class KeyTable(Widget):
    """All keys in one text that is wrapped to the width at hand: a widget for each row would take half a second to mount."""

    DEFAULT_CSS = "KeyTable { width: 1fr; height: auto; }"

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__()
        self._keys = keys
        self._wrapped: tuple[int, list[Content]] = (0, [])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        if self._wrapped[0] != width:
            self._wrapped = width, list(_sections(self._keys, max(LEAST_WIDTH, width) - KEY_WIDTH))
        return self._wrapped[1]


def _sections(keys: Sequence[Key], width: int) -> Iterator[Content]:
    for title, section in SECTIONS.items():
        wanted = {key.id for key in section}
        yield from _section(title, [key for key in keys if key.id in wanted], width)
    yield from _row(*PALETTE, width)


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
