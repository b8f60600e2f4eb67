"""The draggable line between the columns."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from jem_tui.tui.repaint.containment import contain_failures

GLYPH = "┃"


@contain_failures
class Divider(Static):
    """One column of the terminal, blank unless the mouse is over it."""

    ALLOW_SELECT = False

    class Dragged(Message):
        """The mouse has dragged the line to column `x` of the screen; `done` once the button is released."""

        def __init__(self, x: int, *, done: bool) -> None:
            super().__init__()
            self.x = x
            self.done = done

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._held = False

    def render(self) -> Content:
        visible = self._held or self.mouse_hover
        return Content("\n".join([GLYPH if visible else " "] * self.size.height))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        event.stop()
        self._held = True
        self.capture_mouse()
        self.add_class("-held")
        self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._held:
            self.post_message(self.Dragged(event.screen_x, done=False))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._held:
            self._held = False
            self.release_mouse()
            self.remove_class("-held")
            self.post_message(self.Dragged(event.screen_x, done=True))
