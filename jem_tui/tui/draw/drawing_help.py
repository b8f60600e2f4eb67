"""The help of the draw screen: its keys, and an explanation of what it displays."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget

from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.draw_keys import KEYS
from jem_tui.tui.keys.remap import DEFAULT_KEYBOARD, keyboard_of
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.supervision.steady_screen import SteadyScreen

EXPLANATION = (
    "The bars are p(y|x), the class probabilities of the drawing. E(x) = −logsumexp_y f(x)[y] is its energy: low where the model "
    "expects images.",
    "The histograms are the energies of training images, of images that were held out of training, and of the chains of the replay "
    "buffer. The solid line is the drawing, the dashed line the threshold. A drawing with a higher energy counts as out of distribution "
    "(OOD). By definition, 5 % of the validation images are above the threshold; the rate of false alarms is the share of test "
    "images above it.",
    "A drawing need not look like the data: MNIST scales each digit to 20 pixels and moves its centre of mass into the middle of 28 × 28 "
    "pixels, so that a digit in a corner is out of distribution for a good reason. {draw-centre} prepares a drawing in the same way.",
    "{draw-chain} runs the run's own sampler from the drawing, with its step size and noise, down E(x), or down E(x, y) of the class chosen with {draw-class} "
    "or a digit. The chain shows what the model makes of the drawing. {draw-restore} restores the drawing.",
    "While a run trains, its current weights score the drawing between two steps. Drawing changes no number of the run, and takes at "
    "most about a tenth of its time.",
)
KEY_WIDTH, MIN_WIDTH = 8, 30
"""Columns of a key, and minimum columns of a sentence."""


class DrawingHelpScreen(SteadyScreen, ModalScreen[None]):
    """A dialog with the keys of the draw screen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("output")]

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss()

    def compose(self) -> ComposeResult:
        panel = VerticalScroll(id="drawing-help", classes="dialog")
        panel.border_title, panel.border_subtitle = "help · draw", keyboard_of(self.app).fill("{output-close} close")
        with panel:
            yield _HelpText()


class _HelpText(Widget):
    """All rows in one widget, wrapped to its width."""

    DEFAULT_CSS = "_HelpText { width: 1fr; height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(list(help_rows(width)))

    def render(self) -> Content:
        return Content("\n").join(help_rows(self.size.width))


def help_rows(width: int) -> Iterator[Content]:
    """Yield the rows of the help: the keys with their sentences, then the explanation."""
    for key in KEYS:
        for number, line in enumerate(wrap(key.tooltip, max(MIN_WIDTH, width - KEY_WIDTH))):
            name = key.written if number == 0 else ""
            yield Content.assemble((f"{name:{KEY_WIDTH}}", "bold $text-accent"), line)
    for paragraph in EXPLANATION:
        yield Content()
        yield from (
            Content.styled(line, MUTED) for line in wrap(DEFAULT_KEYBOARD.fill(paragraph), max(MIN_WIDTH, width))
        )
