"""Widget that draws all samples as tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import ClassVar, Literal

from rich.style import Style
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from jem_tui.events.run import Samples
from jem_tui.raster.tiles.captions import captions
from jem_tui.raster.tiles.class_names import label_predictions
from jem_tui.raster.tiles.class_rows import class_rows, spread_over_classes
from jem_tui.raster.tiles.encode import IN_DOTS, Encoding, encode_tiles
from jem_tui.raster.tiles.grid import TileLayout, compose, recolour
from jem_tui.raster.tiles.tile_frame import frame_tile
from jem_tui.raster.tiles.zoom import fit_tiles, scale_tiles, scaled_pixels
from jem_tui.tui.repaint.cell_strips import CellRows, rgb_of
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.repaint.fast_strips import crop_rows, is_undecorated
from jem_tui.tui.repaint.placeholder import placeholder_rows
from jem_tui.tui.samples.chain_order import take_chains
from jem_tui.tui.samples.pixel_overlay import PixelOverlay, blank_tiles, fits_protocols
from jem_tui.tui.terminal.graphics_probe import Graphics

EncodingChoice = Encoding | Literal["auto"]
TileRendering = Encoding | Literal["pixels"]
PIXELS: TileRendering = "pixels"
"""Rendering with a graphics protocol, which "auto" selects for samples that stay for a while."""
ENCODINGS: tuple[Encoding, ...] = ("half-block", "quadrant", *IN_DOTS)
NO_SAMPLES = "no samples yet"
_TOO_SMALL = "no room for a sample"
_NONE_OF_CLASS = "no chain of this class"
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


@contain_failures
class TileGrid(Widget):
    """Grid of as many tiles as fit, row-major in chain order, or with a row for each class."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tile-grid--ink", "tile-grid--caption", "tile-grid--frame"}
    DEFAULT_CSS = """
    TileGrid {
        width: 1fr;
        height: 1fr;
        & > .tile-grid--ink { color: $foreground; }
        & > .tile-grid--caption { color: $text-muted; }
        & > .tile-grid--frame { color: $warning; }
    }
    """

    encoding: reactive[EncodingChoice] = reactive[EncodingChoice]("auto")
    """Encoding of the tiles, or "auto"."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.zoom = 0
        """Number of sizes above the usual size."""
        self.still = False
        """True if the samples will stay for a while, so that the time for drawing pixels is justified."""
        self.by_class = False
        """True if each class has a row of its own, or without room for that, if the tiles are in the order of their classes."""
        self.last_paint = 0.0
        """Duration of the last drawing in seconds."""
        self._samples: Samples | None = None
        self._class_names: Sequence[str] = ()
        self._placeholder = NO_SAMPLES
        self._marked: int | None = None
        self._alone = False
        self._strips: Sequence[Strip] = ()
        self._drawn: object = None
        self._overlay = PixelOverlay()
        self._pixels_scheduled = False
        self._cached_layout: tuple[object, tuple[float, TileLayout]] | None = None

    @property
    def shown(self) -> int:
        """Number of displayed tiles."""
        return self.scaled_layout[1].shown if self._samples is not None else 0

    @property
    def scaled_layout(self) -> tuple[float, TileLayout]:
        """Scale and layout of the tiles; `chosen` of the layout are rows of the given samples."""
        wanted = (self.size, self.encoding, self.zoom, self.by_class, self._few_colours())
        if self._cached_layout is None or self._cached_layout[0] != wanted:
            self._cached_layout = (wanted, self._fit_layout(self._wanted(self.encoding)))
        return self._cached_layout[1]

    def zoom_by(self, sizes: int) -> None:
        """Enlarge or shrink the tiles by `sizes` sizes, as far as possible."""
        if self._samples is None:
            return
        before = self.scaled_layout
        self.zoom += sizes
        after = self.scaled_layout
        if (after[0], after[1].encoding) == (before[0], before[1].encoding):
            self.zoom -= sizes
        self.refresh()

    def show(
        self,
        samples: Samples | None,
        class_names: Sequence[str] = (),
        placeholder: str = NO_SAMPLES,
        marked: int | None = None,
    ) -> None:
        """Replace the samples and the names of their classes, and repaint.

        Without samples, the text `placeholder` is displayed. The `marked` tile has a frame.
        """
        self._samples, self._marked = samples, marked
        self._class_names, self._placeholder = class_names, placeholder
        self._alone = False
        self._drawn = self._cached_layout = None
        self.refresh()

    def show_alone(self, samples: Samples, class_names: Sequence[str] = ()) -> None:
        """Draw a single sample as large as possible, independent of the zoom."""
        self.show(samples, class_names)
        self._alone = True

    @property
    def described(self) -> str:
        """Rendering of the tiles, with their scale or the pixels of a reduced tile."""
        if self._samples is None or (scale := self.scaled_layout[0]) == 1:
            return self.drawn
        pixels = scaled_pixels(self._samples.tiles.shape[1:3], scale)[0]
        return f"{self.drawn} ×{scale:.0f}" if scale > 1 else f"{self.drawn} {pixels} px"

    @property
    def drawn(self) -> TileRendering:
        """Rendering that `encoding` selects for the current samples and size."""
        return self._rendering_of(self.encoding)

    def cycle_encoding(self) -> TileRendering:
        """Select the next rendering and return it; the choice returns to "auto" where that selects the same rendering."""
        current, automatic = self.drawn, self._rendering_of("auto")
        choices: tuple[EncodingChoice, ...] = (*ENCODINGS, "auto") if automatic == PIXELS else ENCODINGS
        following = choices[(choices.index(current if current in choices else "auto") + 1) % len(choices)]
        self.encoding = "auto" if following == automatic else following
        return self.drawn

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render rows, bypassing Textual's styling if the widget is undecorated: it would convert cells to segments."""
        if not is_undecorated(self):
            return super().render_lines(crop)
        strips = crop_rows(self, self._rows(), crop)
        self._schedule_pixels()
        return strips

    def render_line(self, y: int) -> Strip:
        """Return one row of the content."""
        return self._rows()[y]

    def _rows(self) -> Sequence[Strip]:
        """Return the rows of the grid, drawn once for samples, size, encoding and styles."""
        styles = [self.get_component_rich_style(f"tile-grid--{name}") for name in ("ink", "caption")]
        wanted = (self.size, self.encoding, self.zoom, self.by_class, self.still, *styles)
        if self._drawn != wanted:
            started = perf_counter()
            self._strips = self._draw(*styles)
            self._drawn = wanted
            self.last_paint = perf_counter() - started
        return self._strips

    def _draw(self, ink: Style, caption: Style) -> Sequence[Strip]:
        self._overlay.clear()
        if self._samples is None:
            return placeholder_rows(self._placeholder, self.size, caption)
        scale, layout = self.scaled_layout
        if not len(self._samples.tiles):
            return placeholder_rows(_NONE_OF_CLASS, self.size, caption)
        if not layout.shown:
            return placeholder_rows("" if self._alone else _TOO_SMALL, self.size, caption)
        chosen = take_chains(self._samples, layout.chosen)
        paper = rgb_of(ink.bgcolor, _BLACK)
        graphics = self._graphics if self.drawn == PIXELS else None
        tiles = (
            blank_tiles(layout, paper) if graphics else encode_tiles(scale_tiles(chosen.tiles, scale), layout.encoding)
        )
        if layout.encoding in IN_DOTS:
            tiles = recolour(tiles, rgb_of(ink.color, _WHITE), paper)
        below = captions(chosen, self._class_names, layout.shown, layout.tile_columns)
        cells = compose(tiles, below, layout, rgb_of(caption.color, _WHITE), paper)
        marked = layout.chosen.index(self._marked) if self._marked in layout.chosen else None
        frame = rgb_of(self.get_component_rich_style("tile-grid--frame").color, _WHITE)
        if marked is not None and not graphics:
            frame_tile(cells, layout, marked, frame)
        if not graphics:
            return CellRows(cells).strips()
        self._overlay.set_tiles(chosen.tiles, layout, marked, frame)
        self._write(self._overlay.upload_sequences(graphics))
        return self._overlay.with_placeholders(CellRows(cells).strips(), graphics, paper)

    def _schedule_pixels(self) -> None:
        """Schedule drawing of pixels after the rows, because writing cells erases pictures."""
        if self._graphics is not None and self._overlay.shown and not self._pixels_scheduled:
            self._pixels_scheduled = True
            self.call_after_refresh(self._draw_pixels)

    def _draw_pixels(self) -> None:
        self._pixels_scheduled = False
        graphics, region = self._graphics, self.region
        if graphics is not None and self.screen is self.app.screen and self.screen.region.contains_region(region):
            self._write(self._overlay.draw_sequences(graphics, region.y, region.x))

    def _write(self, drawing: str) -> None:
        if drawing and self.app._driver is not None:
            self.app._driver.write(drawing)

    @property
    def _graphics(self) -> Graphics | None:
        return None if self._few_colours() else getattr(self.app, "graphics", None)

    def _fit_layout(self, encoding: Encoding | None) -> tuple[float, TileLayout]:
        assert self._samples is not None
        count, size = len(self._samples.tiles), self._samples.tiles.shape[1:3]
        zoom = 0 if self._alone else self.zoom
        tile_size, layout = fit_tiles(size, count, *self.size, encoding=encoding, zoom=zoom)
        if self.by_class and not self._alone:
            predicted, names = label_predictions(self._class_names, self._samples.predicted)
            rows = class_rows(size, predicted, names, *self.size, encoding=encoding, zoom=zoom)
            if rows.across:
                return rows.size.scale, rows
            layout = replace(layout, order=spread_over_classes(predicted, layout.shown))
        return tile_size.scale, layout

    def _wanted(self, choice: EncodingChoice) -> Encoding | None:
        """Return the encoding for a choice; None where it depends on the size of the grid."""
        if choice != "auto":
            return choice
        return "braille" if self._few_colours() else None

    def _rendering_of(self, choice: EncodingChoice) -> TileRendering:
        """Return the rendering that a choice selects for the current samples and size."""
        wanted = self._wanted(choice)
        if wanted or self._samples is None:
            return wanted or "half-block"
        layout = self._fit_layout(None)[1]
        return PIXELS if self._graphics and (self.still or self._alone) and fits_protocols(layout) else layout.encoding

    def _few_colours(self) -> bool:
        return self.app.no_color or self.app.console.color_system in ("standard", "windows")
