"""The summary of a run that has ended: scores with their trend, samples, and the commands that follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from jem_tui.printable import printable
from jem_tui.tui.exiting.quit_screen import Choices
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.run_summary import RunSummary, summarize_run
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.supervision.steady_screen import SteadyScreen

ROOM_FOR_SAMPLES = 34
"""Minimum rows of a terminal on which the summary has a row of samples."""
FRAME_ROWS, SAMPLE_ROWS, FEWEST_ROWS = 2, 9, 3
"""Rows of the frame, of the samples with their gap, and the minimum of the scores."""
WIDTH, FRAME_COLUMNS = 100, 6
"""Maximum columns of the dialog, and columns of its frame and padding."""
GAP = 2
KEYS = "enter: copy command · esc: close · q: quit"


class SummaryScreen(SteadyScreen, ModalScreen[None]):
    """A dialog over the screen of a run that has ended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,E", "dismiss", "Close", id="summary-close", tooltip="Close the summary."),
        Binding("q", "app.quit", "Quit", id="summary-quit", tooltip="Quit."),
        Binding("pageup", "read(-1)", "Up", id="summary-up", tooltip="Scroll up.", show=False),
        Binding("pagedown", "read(1)", "Down", id="summary-down", tooltip="Scroll down.", show=False),
    ]

    def __init__(self, state: RunState, run: RunView, run_dir: Path | None) -> None:
        """Summarize the run; with a `run_dir`, a folder of this machine, with its files and the commands that follow."""
        super().__init__()
        self._title = f"{'Replay of a run' if state.stopped is None else 'Run'} · {state.status.lower()}"
        self._run = run
        self._summary = summarize_run(run, run_dir)

    def compose(self) -> ComposeResult:
        with Vertical(id="summary", classes="dialog"):
            with VerticalScroll(id="summary-scroll", can_focus=False):
                yield Static(Content("\n").join(summary_rows(self._summary)), id="summary-rows", markup=False)
            yield TileGrid(id="summary-samples")
            yield Static("Next", classes="dialog-label", id="summary-next")
            yield Choices(id="summary-commands")

    def on_mount(self) -> None:
        panel, commands = self.query_one("#summary"), self.query_one(Choices)
        panel.border_title, panel.border_subtitle = (
            self._title,
            KEYS if self._summary.commands else "esc: close · q: quit",
        )
        for widget in (commands, self.query_one("#summary-next")):
            widget.display = bool(self._summary.commands)
        self.query_one(TileGrid).show(self._run.samples, self._run.info.class_names)
        self._fit_rows()

    def on_resize(self, event: events.Resize) -> None:
        self._fit_rows()

    def _fit_rows(self) -> None:
        """Show as many parts as the terminal has room for, and shorten the commands in the middle to its width."""
        width, height = (side * 96 // 100 for side in self.app.size)
        samples, count = self._run.samples, len(self._summary.commands)
        grid = self.query_one(TileGrid)
        grid.display = samples is not None and len(samples.tiles) > 0 and self.app.size.height >= ROOM_FOR_SAMPLES
        used = FRAME_ROWS + (count + 2 if count else 0) + (SAMPLE_ROWS if grid.display else 0)
        self.query_one("#summary-scroll").styles.max_height = max(FEWEST_ROWS, height - used)
        self._list_commands(min(width, WIDTH) - FRAME_COLUMNS)

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
