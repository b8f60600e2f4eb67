"""The summary of a run that has ended: scores with their trend, samples, and the commands that follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from jem_tui.printable import printable
from jem_tui.tui.exiting.quit_screen import Choices
from jem_tui.tui.help.explained_screen import ExplainedScreen
from jem_tui.tui.help.help_entry import HelpSection
from jem_tui.tui.help.help_pages import paragraphs
from jem_tui.tui.keys import bindings_of, export_bindings
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.screens.summary_layout import MARGIN, place_samples
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.copied_text import Copied, copied_table
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.run_summary import RunSummary, summarize_run
from jem_tui.tui.state.run_view import RunView

FRAME_ROWS, FEWEST_ROWS = 2, 3
"""Rows of the frame, and the minimum of the scores."""
WIDTH, FRAME_COLUMNS = 100, 6
"""Maximum columns of the dialog, and columns of its frame and padding."""
GAP = 2
EXPLANATION = (
    "Each row is a score at the end of the run. The last column is its change over the last tenth of the run: a score that still "
    "changes suggests that more training would help.",
    "JEM/nrg, the energy of the images minus that of the samples, falls by several nats during the first hundreds of steps, and returns "
    "within about a thousand; afterwards a value near 0 shows that the samples are nearly as probable as images.",
    "The facts below the scores are those that the log and the run folder state: checkpoints, divergences, time and energy. The images are "
    "the newest samples.",
    "{choice-take} copies the highlighted command, which contains the path of the run, for a shell.",
)
COPY_SCORES = "{copy} copy scores"
HINTS = (
    "{choice-take} copy command",
    COPY_SCORES,
    "{summary-help} help",
    "{summary-close} close",
)
"""Words of the frame; those about scores are left out where they do not fit."""


class SummaryScreen(ExplainedScreen, ModalScreen[None]):
    """A dialog over the screen of a run that has ended."""

    KEYS_OF = "summary"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("summary"), *export_bindings()]

    def __init__(self, state: RunState, run: RunView, run_dir: Path | None, *, leave: str = "quit") -> None:
        """Summarize the run; with a `run_dir`, a folder of this machine, with its files and the commands that follow.

        `leave` is the word for leaving the screen of the run.
        """
        super().__init__()
        self._leave = leave
        self._title = f"{'Replay of a run' if state.stopped is None else 'Run'} · {state.status.lower()}"
        self._run = run
        self._summary = summarize_run(run, run_dir)
        self._rows = list(summary_rows(self._summary))

    def compose(self) -> ComposeResult:
        with Vertical(id="summary", classes="dialog"):
            with Container(id="summary-parts"):
                with VerticalScroll(id="summary-scroll", can_focus=False):
                    yield Static(Content("\n").join(self._rows), id="summary-rows", markup=False)
                yield TileGrid(id="summary-samples")
            yield Static("Next", classes="dialog-label", id="summary-next")
            yield Choices(id="summary-commands")

    def on_mount(self) -> None:
        self.query_one("#summary").border_title = self._title
        for widget in (self.query_one(Choices), self.query_one("#summary-next")):
            widget.display = bool(self._summary.commands)
        self.query_one(TileGrid).show(self._run.samples, self._run.info.class_names)
        self._fit_rows()

    def on_resize(self, event: events.Resize) -> None:
        self._fit_rows()

    def display_help(self) -> Sequence[HelpSection]:
        """Return what the summary displays."""
        return (paragraphs("the summary", EXPLANATION),)

    def help_toggled(self) -> None:
        """Fit the parts into the columns that the help leaves."""
        self._fit_rows()

    def _fit_rows(self) -> None:
        """Show as many parts as the terminal has room for, and shorten the commands in the middle to its width."""
        width, height = (side * 96 // 100 for side in (self.content_columns, self.app.size.height))
        count = len(self._summary.commands)
        columns = min(width, WIDTH) - FRAME_COLUMNS
        self._arrange(Size(columns, max(FEWEST_ROWS, height - FRAME_ROWS - (count + 2 if count else 0))))
        self._list_commands(columns)
        hints = (*(HINTS if count else HINTS[1:]), f"{{summary-quit}} {self._leave}")
        whole, short = (
            keyboard_of(self.app).fill(" · ".join(parts))
            for parts in (hints, [hint for hint in hints if hint != COPY_SCORES])
        )
        self.query_one("#summary").border_subtitle = whole if len(whole) <= columns else short

    def _arrange(self, room: Size) -> None:
        """Show the rows and the samples in `room`; rows that do not fit scroll, and samples are left out then."""
        samples = self._run.samples
        bar = len(self._rows) > room.height
        table = Size(max((row.cell_length for row in self._rows), default=0) + bar, len(self._rows))
        place = None
        if samples is not None and len(samples.tiles):
            place = place_samples(samples.tiles.shape[1:3], len(samples.tiles), table, room)
        grid, scroll = self.query_one(TileGrid), self.query_one("#summary-scroll")
        grid.display = place is not None
        at_right = place is not None and place.at_right
        self.query_one("#summary-parts").set_class(at_right, "-side")
        scroll.styles.width = table.width if at_right else "1fr"
        scroll.styles.max_height = room.height - (place.rows + MARGIN if place is not None and not at_right else 0)
        if place is not None:
            grid.styles.width, grid.styles.height = place.columns, place.rows

    def _list_commands(self, width: int) -> None:
        """List the commands in `width` columns, shortened in the middle."""
        commands, rows = self.query_one(Choices), self._summary.commands
        purposes = max((cell_len(command.purpose) for command in rows), default=0) + GAP
        chosen = commands.highlighted or 0
        commands.set_options(
            Option(
                Content.assemble(
                    (f"{command.purpose:{purposes}}", MUTED),
                    text_formats.shorten(command.line, max(1, width - purposes)),
                )
            )
            for command in rows
        )
        commands.highlighted = chosen if rows else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        command = self._summary.commands[event.option_index]
        self.app.copy_to_clipboard(command.line)
        self.app.notify(command.line, title="Copied to the clipboard", markup=False)

    def copied(self) -> Copied | None:
        """Return the final scores with their trends, and the facts of the run."""
        summary = self._summary
        scores = ((score.name, score.value, score.trend) for score in summary.scores)
        facts = ((name, value, "") for name, value in summary.facts)
        return copied_table("the summary", [("name", "value", "last tenth"), *scores, *facts])

    def action_read(self, pages: int) -> None:
        """Scroll the scores and facts by a page."""
        part = self.query_one("#summary-scroll", VerticalScroll)
        part.scroll_relative(y=pages * max(1, part.size.height - 1), animate=False)


def summary_rows(summary: RunSummary) -> Iterator[Content]:
    """Yield a row for each score and each fact, in three columns of equal width for all rows."""
    names = [score.name for score in summary.scores] + [name for name, _ in summary.facts]
    name_width = min(34, max(map(cell_len, map(printable, names)), default=0)) + GAP
    value_width = max((cell_len(score.value) for score in summary.scores), default=0)
    if summary.scores:
        heading = f"{'':{name_width}}{'final':>{value_width}}{'':{GAP}}last tenth"
        yield Content.styled(heading, MUTED)
    for score in summary.scores:
        name, value = text_formats.fitted(printable(score.name), name_width - GAP), f"{score.value:>{value_width}}"
        yield Content.assemble((name, MUTED), " " * GAP, (value, "bold"), " " * GAP, score.trend)
    if summary.scores and summary.facts:
        yield Content()
    for name, value in summary.facts:
        yield Content.assemble((text_formats.fitted(name, name_width - GAP), MUTED), " " * GAP, printable(value))
