"""Dialog that asks for a step to seek."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.state import text_formats
from jem_tui.tui.supervision.steady_screen import SteadyScreen

POSSIBLE = r"[0-9,_ ]*\.?[0-9]*[% ]*"
"""Pattern of a step or a percentage while it is typed."""
REFUSED = "Only digits, or a percentage such as 50%."


class StepInput(Input):
    """Input of a step or a percentage, which reports other characters instead of inserting them."""

    class NotInserted(Message):
        """The report on a character or a pasted text that was not inserted."""

    def restricted(self) -> None:
        """Report a text that `restrict` does not allow."""
        self.post_message(self.NotInserted())


class GoToScreen(SteadyScreen, ModalScreen[int | None]):
    """Dialog whose result is the step, or None if it is cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("fields")]

    def __init__(self, span: tuple[int, int]) -> None:
        super().__init__()
        self._span = span

    def compose(self) -> ComposeResult:
        first, last = self._span
        with Vertical(id="go-to", classes="dialog"):
            limits = f"{text_formats.count(first)} … {text_formats.count(last)}"
            yield StepInput(placeholder=f"{limits}, or 50%", restrict=POSSIBLE)
            yield Static("", id="go-to-error", markup=False)

    def on_mount(self) -> None:
        panel = self.query_one("#go-to")
        panel.border_title = "go to step"
        panel.border_subtitle = keyboard_of(self.app).fill("enter go · {fields-cancel} cancel")

    def action_cancel(self) -> None:
        """Close the dialog without a step."""
        self.dismiss(None)

    def on_input_changed(self) -> None:
        self.query_one("#go-to-error", Static).update("")

    def on_step_input_not_inserted(self) -> None:
        self.query_one("#go-to-error", Static).update(REFUSED)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        step = parse_step(event.value, self._span)
        if step is None:
            self.query_one("#go-to-error", Static).update("Not a step. Enter a number, or a percentage such as 50%.")
        else:
            self.dismiss(step)


def parse_step(text: str, span: tuple[int, int]) -> int | None:
    """Parse a step such as `1,200`, `1_200` or `50%`, limited to `span`; None for other text."""
    first, last = span
    written = text.strip().replace(",", "").replace("_", "")
    try:
        share = float(written[:-1]) / 100 if written.endswith("%") else None
        step = int(written) if share is None else first + round(share * (last - first))
    except (ValueError, OverflowError):
        return None
    return max(first, min(step, last))
