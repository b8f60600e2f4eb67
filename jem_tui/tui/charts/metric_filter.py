"""Filter of panels by name."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import Input

from jem_tui.tui.keys import bindings_of


class MetricFilter(Input):
    """Input of words and globs; Escape clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("filter")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(placeholder="panels that contain …, * for anything", compact=True, id=id)

    def on_mount(self) -> None:
        self.display = False

    def action_clear(self) -> None:
        """Clear the filter, hide the input and return to the panels."""
        self.value = ""
        self.post_message(self.Submitted(self, ""))
