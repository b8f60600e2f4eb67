from __future__ import annotations

from io import StringIO

import numpy as np
import pyte
import pytest
from rich.console import Console
from textual.app import App, ComposeResult
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from jem_tui.events.run import Samples
from jem_tui.raster.cells.segments import _cell_style
from jem_tui.tui.repaint.cell_strips import CellStrip
from jem_tui.tui.samples.tile_grid import TileGrid

BRAILLE = {chr(code) for code in range(0x2801, 0x2900)}


pytestmark = pytest.mark.usefixtures("true_colour_terminal")


def samples(count: int = 40, height: int = 28, width: int = 28, channels: int = 1, seed: int = 0) -> Samples:
    rng = np.random.default_rng(seed)
    return Samples(
        step=1,
        images=64,
        time=0.0,
        tiles=rng.integers(0, 256, (count, height, width, channels), dtype=np.uint8),
        energy=np.zeros(count, np.float32),
        age=np.zeros(count, np.int64),
        predicted=np.arange(count) % 10,
        confidence=np.full(count, 0.98, np.float32),
        reseeds=np.zeros(count, np.int64),
    )


class Grids(App[None]):
    CSS = "TileGrid { width: 1fr; height: 1fr; }"

    def __init__(self):
        super().__init__()
        self.grid = TileGrid()

    def compose(self) -> ComposeResult:
        yield self.grid

    def text(self) -> str:
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())

    def cells(self, fast: bool = True) -> list[list[tuple[str, str, str]]]:
        """Return the character and the colours of each cell of a terminal; `fast` uses the codes of cell strips."""
        console = Console(file=StringIO(), color_system="truecolor", force_terminal=True)
        rows = self.grid.render_lines(self.grid.size.region)
        screen = pyte.Screen(*self.size)
        strips = rows if fast else [Strip(list(row), row.cell_length) for row in rows]
        pyte.Stream(screen).feed("\r\n".join(strip.render(console) for strip in strips))
        return [[screen.buffer[y][x][:3] for x in range(self.size.width)] for y in range(self.size.height)]


class Overlay(ModalScreen[None]):
    CSS = "Overlay { align: center middle; } Static { width: 21; height: 5; background: red; }"

    def compose(self) -> ComposeResult:
        yield Static("over the tiles")


async def test_a_grid_draws_a_message_or_as_many_tiles_as_fit():
    app = Grids()
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.text().split("\n")[12].strip() == "no samples yet" and app.grid.shown == 0
        app.grid.show(samples())
        await pilot.pause()
        assert app.grid.shown == 15 and app.text().count("98 %") == 15 and app.grid.last_paint > 0
        assert [word for word in app.text().split() if word.isdigit() and word != "98"] == [
            str(n % 10) for n in range(15)
        ]
        for size, shown in (((44, 16), 6), ((44, 15), 15), ((26, 12), 6)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.grid.shown == app.text().count("98 %") == shown
        app.grid.show(None)
        await pilot.pause()
        assert "no samples yet" in app.text() and app.grid.shown == 0


@pytest.mark.parametrize("size", [(10, 3), (1, 1), (6, 4), (7, 3)])
async def test_a_grid_without_room_displays_a_message(size):
    app = Grids()
    async with app.run_test(size=size) as pilot:
        app.grid.show(samples())
        await pilot.pause()
        assert app.grid.shown == 0 and "no room for a sample"[: size[0]] in app.text()


async def test_every_press_selects_another_encoding():
    app = Grids()
    async with app.run_test(size=(100, 40)) as pilot:
        app.grid.show(samples(count=6))
        names, pictures = [], []
        for _ in range(5):
            await pilot.pause()
            pictures.append(app.text())
            names.append(app.grid.cycle_encoding())
        assert names == ["quadrant", "braille", "dithered", "half-block", "quadrant"]
        assert len(set(pictures[:4])) == 4 and pictures[0] == pictures[4]
        assert "▀▀▀" in pictures[0] and not BRAILLE & set(pictures[1]) and BRAILLE & set(pictures[2])


async def test_a_full_cycle_returns_to_the_automatic_encoding():
    app = Grids()
    async with app.run_test(size=(100, 40)):
        app.grid.show(samples(count=6))
        assert [app.grid.cycle_encoding() and app.grid.encoding for _ in range(4)] == [
            "quadrant",
            "braille",
            "dithered",
            "auto",
        ]


@pytest.mark.parametrize(("shape", "channels"), [((32, 32), 3), ((28, 28), 1), ((9, 5), 3)])
async def test_fast_rows_render_like_plain_rows(shape, channels):
    app = Grids()
    async with app.run_test(size=(100, 30)) as pilot:
        app.grid.show(samples(12, *shape, channels))
        await pilot.pause()
        rows = app.grid.render_lines(app.grid.size.region)
        assert all(isinstance(row, CellStrip) for row in rows)
        assert app.cells(fast=True) == app.cells(fast=False)


async def test_only_new_samples_are_drawn():
    app = Grids()
    async with app.run_test(size=(60, 20)) as pilot:
        app.grid.show(samples(seed=1))
        await pilot.pause()
        first, row = app.cells(), app.grid.render_line(3)
        assert app.grid.render_line(3) is row
        app.grid.show(samples(seed=2))
        await pilot.pause()
        assert app.cells() != first and app.grid.render_line(3) is not row


async def test_an_overlay_crops_the_rows_below():
    app = Grids()
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(samples())
        await pilot.pause()
        before = app.text().split("\n")
        await app.push_screen(Overlay())
        await pilot.pause()
        over = app.text().split("\n")
        assert "over the tiles" in over[9] and over[9] != before[9]
        for row in range(9, 14):
            assert over[row][:29] == before[row][:29] and over[row][50:] == before[row][50:]
        assert [over[row] for row in (0, 20)] == [before[row] for row in (0, 20)]
        await app.pop_screen()
        await pilot.pause()
        assert app.text().split("\n") == before


async def test_borders_and_opacity_use_ordinary_strips():
    app = Grids()
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(samples())
        app.grid.styles.border = ("round", "red")
        app.grid.styles.opacity = 0.5
        await pilot.pause()
        rows = app.text().split("\n")
        assert rows[0].startswith("╭") and {len(row) for row in rows} == {80} and app.grid.shown == 10


async def test_a_change_of_theme_repaints():
    app = Grids()
    async with app.run_test(size=(60, 20)) as pilot:
        app.grid.show(samples())
        await pilot.pause()
        dark = app.cells()[0][0]
        app.theme = "textual-light"
        await pilot.pause()
        assert app.cells()[0][0] != dark


async def test_no_color_uses_braille_in_gray(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = Grids()
    async with app.run_test(size=(60, 20)) as pilot:
        app.grid.show(samples(channels=3))
        await pilot.pause()
        assert BRAILLE & set(app.text()) and app.grid.shown == 8
        app.grid.encoding = "half-block"
        await pilot.pause()
        styles = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip]
        assert all(
            len(set(colour.triplet)) == 1 for style in styles for colour in (style.color, style.bgcolor) if colour
        )


@pytest.mark.parametrize(
    ("term", "braille", "codes"),
    [("xterm", True, "97;"), ("xterm-256color", False, "38;5;"), ("xterm-kitty", False, "38;5;")],
)
async def test_terminals_with_few_colours_use_braille(monkeypatch, term, braille, codes):
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("COLORTERM")
    _cell_style.cache_clear()
    app = Grids()
    async with app.run_test(size=(60, 20)) as pilot:
        app.grid.show(samples())
        await pilot.pause()
        assert bool(BRAILLE & set(app.text())) == braille
        rendered = app.grid.render_lines(app.grid.size.region)[3].render(app.console)
        assert codes in rendered and "38;2;" not in rendered
    _cell_style.cache_clear()
