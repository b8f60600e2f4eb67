"""An app whose screens can be saved as pictures, and whose values can be copied."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ReturnType
from textual.color import Color

from jem_tui.printable import printable
from jem_tui.tui.screenshot import NOT_WRITTEN, PicturePlace, save_screenshot
from jem_tui.tui.supervision.steady_screen import SteadyScreen
from jem_tui.tui.supervision.styled_app import StyledApp


class ExportingApp(StyledApp[ReturnType]):
    """An app with the actions of the keys that copy values and save pictures, whichever screen is on top."""

    @property
    def picture_place(self) -> PicturePlace:
        """The run folder and the step that belong to the screen: none for a screen without a run."""
        return PicturePlace()

    def action_save_screenshot(self) -> None:
        """Save the screen as an SVG file, and display its path."""
        self.save_picture(self.export_screenshot)

    def action_save_png(self) -> None:
        """Save the screen as a PNG file, and display its path."""
        self.save_picture(self._png)

    def action_copy(self) -> None:
        """Copy the values of the screen on top, or state that it has none."""
        copied = self.screen.copied() if isinstance(self.screen, SteadyScreen) else None
        if copied is None:
            self.notify("There is nothing to copy here yet.", severity="warning")
        else:
            self.copy_to_clipboard(copied.text)
            self.notify(f"Copied {copied.what}", markup=False)

    def _png(self) -> bytes:
        from jem_tui.tui.cell_picture import png_of_rows

        ink, paper = (Color.parse(self.theme_variables[name]).rgb for name in ("foreground", "background"))
        return png_of_rows(self.screen._compositor.render_strips(), self.size.width, ink, paper)

    def save_picture(self, draw: Callable[[], str | bytes], subject: str = "screen") -> bool:
        """Draw a picture, save it in a file whose name begins with `subject`, and return whether that succeeded.

        A failure becomes a notice, because it must not end the run.
        """
        try:
            sentence = save_screenshot(draw(), self.picture_place, subject)
            self.notify(printable(sentence), markup=False)
            return sentence != NOT_WRITTEN
        except Exception as error:
            why = f"Could not save the picture: {type(error).__name__}: {error}"
            self.notify(printable(why), severity="error", markup=False)
            return False
