"""The help: all keys, and an explanation of the display."""

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
from jem_tui.tui.screens.curve_help import NO_CURVES, CurveHelp
from jem_tui.tui.supervision.steady_screen import SteadyScreen

EXPLANATION = (
    "The energy E(x) = −logsumexp_y f(x)[y] is low for images that the model expects. Bright lines are smoothed; the band behind a "
    "line holds the 10th to 90th percentile of the steps in a column, the fainter area all of them. Signs below the charts mark "
    "pauses, restarts and checkpoints.",
    "Each image is the state of a chain of the replay buffer. SGLD steps move it towards lower energy, a few more steps each "
    "time a batch draws the chain. By default chains start from Gaussians fitted to the training images of each class, and "
    "some restart at random; r restarts all of them from uniform noise.",
    "Below each image, if there is room: the class that the network predicts, and its probability p(y|x̂).",
)
OF_LOOP = (
    "Every metric that the loop logs has a panel. Bright lines are smoothed; the band behind a line holds the 10th to 90th "
    "percentile of the steps in a column. Signs below the charts mark pauses, notes, changed settings and checkpoints.",
    "Each image is a sample that the loop has passed. Below it, if the loop states them: its class with a probability, or its energy.",
)
"""Explanation for a watched loop."""
OF_VIEWER = (
    "This screen displays a run of another process. It can be closed at any time: the run continues, and jem-tui attach displays "
    "it again.",
)
"""Explanation for a screen that is attached to a run of another process."""
PALETTE = ("ctrl+p", "Search all commands, and change the theme.")
PANES = {"runs": "runs in the list", "chain": "chosen chain and its tiles"}
"""Names of panes in the headings of the help, where they differ from the pane's own name."""

KEY_WIDTH, MIN_WIDTH = 10, 40
"""Columns of a key, and minimum columns of a key with its sentence."""


class HelpScreen(SteadyScreen, ModalScreen[None]):
    """A dialog with the keys that work now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "close", id="help-close", tooltip="Close the help."),
    ]

    def __init__(
        self, keys: Sequence[Key], *, curves: CurveHelp = NO_CURVES, attached: bool = False, watched: bool = False
    ) -> None:
        """Explain `keys` and `curves`, for the screen of a run that may be `attached` or the loop of another program (`watched`)."""
        super().__init__()
        self._keys = keys
        self._curves = curves
        self._explanation = (*(OF_VIEWER if attached else ()), *(OF_LOOP if watched else EXPLANATION))

    def compose(self) -> ComposeResult:
        panel = VerticalScroll(id="help", classes="dialog")
        panel.border_title, panel.border_subtitle = "help", "↑ ↓: scroll · esc: close"
        with panel:
            if self._curves.maximized is not None:
                yield Static("this curve", classes="help-title")
                yield Static(self._curves.maximized, classes="help-seen")
            yield KeyTable(self._keys)
            yield Static("the display", classes="help-title")
            for paragraph in self._explanation:
                yield Static(paragraph, classes="help-seen", markup=False)
            if self._curves.panels:
                yield Static("the curves", classes="help-title")
                yield Static(Content("\n\n").join(self._curves.panels), classes="help-seen")


class KeyTable(Widget):
    """All keys in one text, wrapped to the width; one widget for each row would take half a second to mount."""

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
            self._wrapped = width, list(_sections(self._keys, max(MIN_WIDTH, width) - KEY_WIDTH))
        return self._wrapped[1]


def _sections(keys: Sequence[Key], width: int) -> Iterator[Content]:
    for title, section in SECTIONS.items():
        wanted = {key.id for key in section}
        yield from _section(title, [key for key in keys if key.id in wanted], width)
    yield from _row(*PALETTE, width)


def _section(title: str, keys: Sequence[Key], width: int) -> Iterator[Content]:
    """Yield the rows of one section: keys that always work, then keys that need the focus on a pane."""
    for focus in dict.fromkeys(key.focus for key in sorted(keys, key=lambda key: bool(key.focus))):
        heading = f"{PANES.get(focus, focus)}, with the focus (tab)" if focus else title
        yield Content()
        yield Content.styled(heading, "bold $foreground")
        for key in keys:
            if key.focus == focus:
                yield from _row(key.written, key.tooltip, width)


def _row(written: str, tooltip: str, width: int) -> Iterator[Content]:
    """Yield the rows of a key, with its sentence wrapped in the second column."""
    for number, line in enumerate(wrap(tooltip, width)):
        key = written if number == 0 else ""
        yield Content.assemble((f"{key:{KEY_WIDTH}}", "bold $text-accent"), line)
