"""The app of `jem-tui draw`, which consists of the draw screen alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from jem_tui.tui.draw.draw_screen import DrawScreen
from jem_tui.tui.draw.drawing_canvas import empty_canvas
from jem_tui.tui.draw.scorer import ScorerThread
from jem_tui.tui.keys.command_palette import CommandProvider
from jem_tui.tui.preferences.preferences import Preferences
from jem_tui.tui.screenshot import PicturePlace
from jem_tui.tui.state.drawing_access import DrawingAccess
from jem_tui.tui.supervision.exporting_app import ExportingApp


class DrawApp(ExportingApp[None]):
    """An app that displays the draw screen until the user closes it; `interrupted` is true after ctrl+c or a signal."""

    TITLE = "jem-tui draw"
    CSS_PATH = "../app.tcss"
    COMMANDS: ClassVar = {CommandProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "quit", id="interrupt", tooltip="Quit.", show=False, priority=True)
    ]

    def __init__(
        self,
        name: str,
        access: DrawingAccess,
        image: Path | None,
        *,
        shape: Sequence[int] | None = None,
        run_dir: str = "",
        preferences: Preferences | None = None,
        glyphs: Sequence[LineFilter] = (),
    ) -> None:
        """Draw for the run called `name` in `run_dir`; the drawing starts with `image`, unless it is None.

        With the `shape` (height, width, channels) of the run's images, the user can draw before the model is loaded.
        """
        super().__init__(preferences, glyphs)
        self.interrupted = False
        self._run_dir = run_dir
        self._draw_screen = DrawScreen(name, lambda: ScorerThread(access.open_drawings), access.read_image, image)
        self._draw_screen.drawing.canvas = empty_canvas(shape)

    @property
    def picture_place(self) -> PicturePlace:
        score = self._draw_screen.drawing.score
        return PicturePlace(self._run_dir, score.step if score is not None else None)

    def on_mount(self) -> None:
        self.push_screen(self._draw_screen, lambda _: self.exit())

    def action_interrupt(self) -> None:
        """Quit, as after a signal."""
        self.interrupted = True
        self.exit()

    def on_hung_up(self) -> None:
        """Exit after the loss of the terminal."""
        self.action_interrupt()
