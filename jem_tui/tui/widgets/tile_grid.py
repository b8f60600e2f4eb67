"""All samples as one widget of coloured cells."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import ClassVar, Literal

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from jem_tui.events import Samples
from jem_tui.tui.raster.captions import captions
from jem_tui.tui.raster.grid import Layout, Rgb, arrange, choose, compose, mark, recolour
from jem_tui.tui.raster.strips import Picture
from jem_tui.tui.raster.tiles import Encoding, encode_tiles

Choice = Literal["auto", "half-block", "quadrant", "braille"]
ENCODINGS: tuple[Encoding, ...] = ("half-block", "quadrant", "braille")
NO_SAMPLES = "no samples yet"
_TOO_SMALL = "no room for a sample"
_NO_SUCH = "no chain of this class"
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


class TileGrid(Widget):
    """As many sample tiles as fit, row-major in chain order."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tile-grid--ink", "tile-grid--caption"}
    DEFAULT_CSS = """
    TileGrid {
        width: 1fr;
        height: 1fr;
        & > .tile-grid--ink { color: $foreground; }
        & > .tile-grid--caption { color: $foreground 45%; }
    }
    """

    encoding: reactive[Choice] = reactive[Choice]("auto")
    """How tiles are drawn: auto, half-block, quadrant or braille."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.last_paint = 0.0
        """Seconds that the last rasterising took."""
        self._samples: Samples | None = None
        self._class_names: Sequence[str] = ()
        self._empty = NO_SAMPLES
        self._marked: int | None = None
        self._strips: Sequence[Strip] = ()
        self._drawn: object = None

    @property
    def shown(self) -> int:
        """How many tiles are drawn now."""
        return 0 if self._samples is None else self._layout(self._samples, self.encoding).shown

    @property
    def columns(self) -> int:
        """Tiles in a row."""
        return (
            1
            if self._samples is None or not len(self._samples.tiles)
            else max(1, self._layout(self._samples, self.encoding).across)
        )

    def show(
        self,
        samples: Samples | None,
        class_names: Sequence[str] = (),
        empty: str = NO_SAMPLES,
        marked: int | None = None,
    ) -> None:
        """Keep the samples and the names of their classes, and repaint once; `empty` is said where there are none.

        The `marked` tile has a sign in its corner.
        """
        self._samples, self._marked = samples, marked
        self._class_names = class_names
        self._empty = empty
        self._drawn = None
        self.refresh()

    @property
    def drawn(self) -> Encoding:
        """The encoding that `encoding` comes to for these samples at this size."""
        return self._encoding_of(self.encoding)

    def cycle_encoding(self) -> Encoding:
        """Draw with the next encoding, and return its name; where it is the automatic choice too, the choice is automatic again."""
        current, automatic = self.drawn, self._encoding_of("auto")
        following = ENCODINGS[(ENCODINGS.index(current) + 1) % len(ENCODINGS)]
        self.encoding = "auto" if following == automatic else following
        return following

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows as they are, past the styles cache, which would take them apart into segments."""
        if self.styles.gutter or self.styles.tint.a or self.opacity != 1:
            return super().render_lines(crop)
        strips = list(self._rows()[crop.y : crop.bottom])
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return [strip.crop(crop.x, crop.right) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """One row of the content."""
        return self._rows()[y]

    def _rows(self) -> Sequence[Strip]:
        """The drawing that is made once for samples, size, encoding and colours."""
        styles = [self.get_component_rich_style(f"tile-grid--{name}") for name in ("ink", "caption")]
        wanted = (self.size, self.encoding, *styles)
        if self._drawn != wanted:
            started = perf_counter()
            self._strips = self._draw(*styles)
            self._drawn = wanted
            self.last_paint = perf_counter() - started
        return self._strips

    def _draw(self, ink: Style, caption: Style) -> Sequence[Strip]:
        if self._samples is None:
            return _message(self._empty, self.size, caption)
        layout = self._layout(self._samples, self.encoding)
        if not len(self._samples.tiles):
            return _message(_NO_SUCH, self.size, caption)
        if not layout.shown:
            return _message(_TOO_SMALL, self.size, caption)
        tiles = encode_tiles(self._samples.tiles[: layout.shown], layout.encoding)
        paper = _rgb(ink.bgcolor, _BLACK)
        if layout.encoding == "braille":
            tiles = recolour(tiles, _rgb(ink.color, _WHITE), paper)
        below = captions(self._samples, self._class_names, layout.shown, layout.tile_columns)
        cells = compose(tiles, below, layout, _rgb(caption.color, _WHITE), paper)
        if self._marked is not None and self._marked < layout.shown:
            mark(cells, layout, self._marked, _rgb(ink.color, _WHITE), paper)
        return Picture(cells).strips()

    def _layout(self, samples: Samples, choice: Choice) -> Layout:
        height, width = samples.tiles.shape[1:3]
        count, pixels = len(samples.tiles), (height, width)
        if choice != "auto":
            return arrange(choice, pixels, count, *self.size)
        if self._few_colours():
            return arrange("braille", pixels, count, *self.size)
        return choose(pixels, count, *self.size)

    def _encoding_of(self, choice: Choice) -> Encoding:
        """What a choice comes to for the samples and the size of now."""
        if choice != "auto":
            return choice
        if self._samples is None:
            return "braille" if self._few_colours() else "half-block"
        return self._layout(self._samples, choice).encoding

    def _few_colours(self) -> bool:
        return self.app.no_color or self.app.console.color_system in ("standard", "windows")


def _message(text: str, size: Size, style: Style) -> Sequence[Strip]:
    """Calm lines of text in the middle."""
    lines = text.split("\n")
    top = max(0, size.height - len(lines) + 1) // 2
    rows = ["" for _ in range(top)] + lines
    padded = [*rows, *("" for _ in range(size.height - len(rows)))][: size.height]
    return [Strip([Segment(row[: size.width].center(size.width), style)], size.width) for row in padded]


def _rgb(colour: Color | None, default: Rgb) -> Rgb:
    """The true colour of a style; terminal colours, which have none, give the default."""
    if colour is None or colour.triplet is None:
        return default
    return colour.triplet.red, colour.triplet.green, colour.triplet.blue
