"""The panel of the tour, with a pointer to the pane that it explains."""

from __future__ import annotations

from textwrap import wrap

from textual.content import Content

from jem_tui.tui.keys.remap import Keyboard
from jem_tui.tui.preferences.theme import FAINT, MUTED
from jem_tui.tui.repaint.wrapped_text import WrappedText
from jem_tui.tui.tour.tour import Tour

POINTER = "▲"
DONE = "✓ "
MARGIN = 2
"""Columns at each side of the text."""
MOST_COLUMNS = 110
"""Maximum width of the text."""


class TourPanel(WrappedText):
    """A few rows below the panes: a line with the pointer, the explanation, the task, and the keys of the tour."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TourPanel {
        height: auto;
        width: 1fr;
        background: $surface;
    }
    """

    def __init__(self, tour: Tour, keyboard: Keyboard) -> None:
        """Display `tour`, whose sentences are filled with the keys of `keyboard`."""
        super().__init__()
        self.tour = tour
        self._keyboard = keyboard
        self._pointed_at = -1
        """Column of the pointer; negative for none."""

    def point_at(self, column: int) -> None:
        """Move the pointer to a column of the screen; a negative one displays no pointer."""
        if column != self._pointed_at:
            self._pointed_at = column
            self.refresh()

    def show_step(self) -> None:
        """Display the current step of the tour."""
        self.refresh(layout=True)

    def rows(self, width: int) -> list[Content]:
        """Return the rows of the current step."""
        tour, step = self.tour, self.tour.step
        room = min(MOST_COLUMNS, max(10, width - 2 * MARGIN))
        text = wrap(self._keyboard.fill(f"{step.text} {tour.notice}"), room)
        task = wrap(self._keyboard.fill(step.done if tour.task_done else step.task), room - len(DONE))
        mark, tone = (DONE, "$text-success") if tour.task_done else ("▸ ", "bold $text-accent")
        lead = [mark, *[" " * len(mark)] * (len(task) - 1)]
        return [
            self._edge(width),
            *[Content.assemble(" " * MARGIN, row) for row in text],
            *[Content.assemble(" " * MARGIN, (lead[n], tone), (row, tone)) for n, row in enumerate(task)],
            Content.assemble(" " * MARGIN, self._hint(room)),
        ]

    def _edge(self, width: int) -> Content:
        """Return the upper edge: the number and title of the step, and the pointer."""
        tour, title = self.tour, self.tour.step.title
        title = f" {title} " if tour.complete else f" tour {tour.number + 1} of {len(tour.steps)} · {title} "
        at = min(self._pointed_at, width - 1)
        start = 2 if at > len(title) + 3 or at < 0 else min(at + 2, max(0, width - len(title)))
        row = [("─", "$text-accent")] * width
        cells = [*row[:start], *[(letter, "bold $foreground") for letter in title], *row[start + len(title) :]]
        if at >= 0:
            cells[at] = (POINTER, "bold $text-accent")
        return Content.assemble(*cells[:width])

    def _hint(self, room: int) -> Content:
        """Return the keys of the tour itself."""
        keys, complete = self._keyboard.by_name, self.tour.complete
        parts = [(keys["tour-next"], "close" if complete else "next"), (keys["tour-back"], "back")]
        parts += [] if complete else [(keys["tour-end"], "end tour")]
        spelled = [Content.assemble((key, f"bold {MUTED}"), (f" {word}", FAINT)) for key, word in parts]
        return Content("   ").join(spelled)
