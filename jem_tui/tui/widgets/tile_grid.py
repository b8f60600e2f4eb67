"""All samples as one widget of coloured cells."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widget import Widget

from jem_tui.events import Samples

ENCODINGS = ("auto", "half-block", "quadrant", "braille")


class TileGrid(Widget):
    """As many sample tiles as fit, row-major in chain order."""

    encoding: reactive[str] = reactive("auto")

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.last_paint = 0.0
        """Seconds that the last rasterising took."""
        self._samples: Samples | None = None

    @property
    def shown(self) -> int:
        """How many tiles are drawn now."""
        return 0

    def show(self, samples: Samples | None) -> None:
        """Keep the samples, and repaint once."""
        self._samples = samples
        self.refresh()

    def cycle_encoding(self) -> str:
        """Switch to the next encoding, and return the name of the one now in use."""
        self.encoding = ENCODINGS[(ENCODINGS.index(self.encoding) + 1) % len(ENCODINGS)]
        return self.encoding
