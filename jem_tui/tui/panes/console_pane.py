"""The output of a watched script, the newest at the bottom."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar

from rich.ansi import AnsiDecoder
from rich.cells import chop_cells
from textual import events
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from jem_tui.tui.keys import bindings_of
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state.console_text import ConsoleText

if TYPE_CHECKING:
    from jem_tui.tui.state.run_state import RunState
    from jem_tui.tui.state.run_view import RunView


@contain_failures
class ConsoleOutput(Static):
    """As many rows of a script's output as fit, with its colours; long lines are folded."""

    can_focus = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("console")]

    def __init__(self, state: RunState, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._output = state.console
        self._end: int | None = None
        """The line break at the bottom while the user has scrolled back; None to follow the newest output."""

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when the rows differ."""
        return (self._end or self._output.changes, self.size)

    def draw(self, run: RunView) -> None:
        """Draw the rows if their content differs from what is displayed."""
        self.show()

    def show(self) -> None:
        """Draw the rows if their content differs from what is displayed."""
        width, height = self.size
        if width and height:
            content = Content("\n").join(newest_rows(self._output, width, height, self._end))
            show_content(self, content)

    def action_scroll_output(self, lines: int) -> None:
        """Scroll to older output, or to newer output if `lines` is negative."""
        newest = self._output.ended_lines + 1
        end = max(1, newest - len(self._output) + 1, (newest if self._end is None else self._end) - lines)
        self._end = end if end < newest else None
        self.show()

    def action_newest_output(self) -> None:
        """Follow the newest output again."""
        self._end = None
        self.show()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_scroll_output(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_scroll_output(-1)


class ConsolePane(Container):
    """The output in a frame."""

    def __init__(self, output: ConsoleOutput, *, id: str | None = None) -> None:
        super().__init__(output, id=id)
        self.border_title = "console"


def newest_rows(console: ConsoleText, width: int, height: int, end: int | None = None) -> list[Content]:
    """Return the last rows of the output, or the last before the line break number `end`: at most `height`, `width` columns wide."""
    rows: list[Content] = []
    for line in reversed(console.newest(height, end)):
        rows[:0] = _folded(line, width)
        if len(rows) >= height:
            break
    return rows[-height:]


def _folded(line: str, width: int) -> Iterator[Content]:
    """Yield the rows of a line; trailing blanks, with which a progress bar erases itself, need no row."""
    content = Content.from_rich_text(AnsiDecoder().decode_line(line)).rstrip()
    ends = accumulate(len(piece) for piece in chop_cells(content.plain, max(2, width)))
    yield from content.divide(list(ends)[:-1])
