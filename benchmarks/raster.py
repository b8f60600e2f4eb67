"""Milliseconds that the live panes take to draw: `python -m benchmarks.raster`.

Charts are measured up to their strips, the grid up to the bytes for the terminal, with new content each time.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from io import StringIO
from statistics import median
from time import process_time

import numpy as np
from rich.console import Console
from rich.style import Style
from textual.strip import Strip

from jem_tui.raster.cells.cells import Cells
from jem_tui.raster.plot.canvas import Ink
from jem_tui.raster.plot.chart import Chart, add_header_and_cursor, draw_body
from jem_tui.raster.plot.columns.curves import Curve
from jem_tui.raster.plot.ranges import StableRange
from jem_tui.raster.tiles.encode import encode_tiles
from jem_tui.raster.tiles.grid import arrange_tiles, compose
from jem_tui.tui.repaint.cell_strips import CellRows, styled_strip

_REPEATS = 15


def main() -> None:
    """Print a table."""
    rng = np.random.default_rng(0)
    for points in (10_000, 1_000_000):
        show(f"chart 120×30, 3 series of {points:,}", milliseconds(chart_drawing(rng, points)))
    for name, channels in (("gray", 1), ("colour", 3)):
        fast = milliseconds(grid_drawing(rng, channels, fast_rows))
        plain = milliseconds(grid_drawing(rng, channels, plain_rows), repeats=3)
        show(f"grid 200×50 {name}, own codes", fast)
        show(f"grid 200×50 {name}, plain strips ({plain / fast:.0f}×)", plain)


def show(what: str, duration: float) -> None:
    """Print one line."""
    print(f"{what:<50}{duration:9.1f} ms")


def milliseconds(work: Callable[[], object], repeats: int = _REPEATS) -> float:
    """Return the median processor time of a call in milliseconds, after a call that warms up."""
    work()
    durations = []
    for _ in range(repeats):
        started = process_time()
        work()
        durations.append(1e3 * (process_time() - started))
    return median(durations)


def chart_drawing(rng: np.random.Generator, points: int) -> Callable[[], object]:
    """Return a call that draws three series with bands."""
    x = np.arange(points, dtype=np.float64) * 64
    curves = [
        Curve(label=str(index), x=x, raw=rng.normal(index, 1, points), smooth=np.full(points, float(index)))
        for index in range(3)
    ]
    chart = Chart(title="benchmark", curves=curves, y_range=StableRange())
    styles = [Style(color="red") for _ in Ink]

    def draw() -> object:
        plot = add_header_and_cursor(draw_body(chart, 120, 30), None)
        return [styled_strip(glyphs, inks, styles) for glyphs, inks in zip(plot.glyphs, plot.inks, strict=True)]

    return draw


def grid_drawing(rng: np.random.Generator, channels: int, rows: Callable[[Cells], object]) -> Callable[[], object]:
    """Return a call that draws one tile of noise over the whole frame, the worst case: hardly two cells are equal."""
    frames = [rng.integers(0, 256, (1, 100, 200, channels), dtype=np.uint8) for _ in range(4)]
    layout = arrange_tiles("half-block", (100, 200), 1, 200, 50)
    numbers = itertools.count()

    def draw() -> object:
        tiles = encode_tiles(frames[next(numbers) % len(frames)], layout.encoding)
        return rows(compose(tiles, [], layout, (200, 200, 200), (18, 18, 18)))

    return draw


def fast_rows(cells: Cells) -> object:
    """Render strips that write their own colour codes."""
    console = _console()
    return [strip.render(console) for strip in CellRows(cells).strips()]


def plain_rows(cells: Cells) -> object:
    """Render the strips as ordinary segments with cached styles."""
    console = _console()
    return [Strip(list(strip), strip.cell_length).render(console) for strip in CellRows(cells).strips()]


def _console() -> Console:
    return Console(file=StringIO(), color_system="truecolor", force_terminal=True)


if __name__ == "__main__":
    main()
