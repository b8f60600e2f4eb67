"""The dialog that asks for an image file."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.supervision.steady_screen import SteadyScreen


class OpenImageScreen(SteadyScreen, ModalScreen[str]):
    """A dialog whose result is a path; "" if it is cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("fields")]

    def compose(self) -> ComposeResult:
        with Vertical(id="open-image", classes="dialog"):
            yield Input(placeholder="path of a PNG, JPEG, GIF, BMP, WebP or TIFF file", max_length=4096)

    def on_mount(self) -> None:
        panel = self.query_one("#open-image")
        panel.border_title = "open an image"
        panel.border_subtitle = keyboard_of(self.app).fill("enter open · {fields-cancel} cancel")

    def action_cancel(self) -> None:
        """Close the dialog without a path."""
        self.dismiss("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
