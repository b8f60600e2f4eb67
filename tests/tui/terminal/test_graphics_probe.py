"""Detection of terminals that display images, and the samples on such a terminal."""

from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from jem_tui.raster.tiles.graphics_protocols import PLACEHOLDER
from jem_tui.tui.app import JemApp
from jem_tui.tui.samples.samples_pane import SamplesPane
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.terminal.graphics_probe import Graphics, find_graphics, parse_answer
from tests.tui.sources import FakeSource, until

KITTY = "\x1b_Gi=1;OK\x1b\\\x1b[6;18;9t\x1b[?62;c"
OLD_KITTY = "\x1b[6;20;9t\x1b[?62;c"
"""Before 0.28, as observed of 0.26.5."""
XTERM = "\x1b[6;18;9t\x1b[?64;1;2;4;22c"


@pytest.fixture(autouse=True)
def true_colour_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a true-colour terminal, independent of the terminal of the tests."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def refuse(question: str, patience: float) -> str:
    raise AssertionError("asked a terminal that is known")


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "xterm-kitty", "JEM_TUI_GRAPHICS": "kitty"}, Graphics("kitty")),
        ({"TERM_PROGRAM": "WezTerm"}, Graphics("iterm2")),
        ({"LC_TERMINAL": "iTerm2"}, Graphics("iterm2")),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, None),
        ({"TERM": "xterm-kitty", "TEXTUAL_DRIVER": "web"}, None),
        ({"TERM": "xterm-kitty", "JEM_TUI_GRAPHICS": "none"}, None),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "JEM_TUI_GRAPHICS": "iterm2"}, Graphics("iterm2")),
    ],
)
def test_the_environment_names_the_protocol_without_a_query(environ, found):
    assert find_graphics(environ, refuse) == found


@pytest.mark.parametrize("environ", [{"TERM": "xterm-kitty"}, {"KITTY_WINDOW_ID": "1"}, {"TERM_PROGRAM": "ghostty"}])
@pytest.mark.parametrize(("answer", "found"), [(KITTY, Graphics("kitty")), (OLD_KITTY, None), ("", None)])
def test_kitty_is_queried_for_placeholders(environ, answer, found):
    assert find_graphics(environ, lambda *asked: answer) == found


def test_a_terminal_that_may_support_sixel_is_queried():
    assert find_graphics({"XTERM_VERSION": "XTerm(390)"}, lambda *asked: XTERM) == Graphics("sixel", 9, 18)
    assert find_graphics({"TERM": "foot"}, lambda *asked: "\x1b[?62;22c") is None
    assert find_graphics({"TERM": "foot"}, lambda *asked: "") is None
    assert find_graphics({"JEM_TUI_GRAPHICS": "sixel"}, lambda *asked: "") == Graphics("sixel", 10, 20)


def test_answers_are_understood_in_any_order_and_rubbish_is_none():
    assert parse_answer("\x1b[?4c\x1b[6;20;10t") == ({4}, (10, 20))
    assert parse_answer("\x1b[?c\x1b[6;0;0t") == (frozenset(), None)
    assert parse_answer("q\x1b[A") == (frozenset(), None)


class Written:
    """The output that an app writes to its driver."""

    def __init__(self, app: JemApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.text = ""
        monkeypatch.setattr(app._driver, "write", self.take)

    def take(self, text: str) -> None:
        self.text += text


def paused(app: JemApp) -> bool:
    return app.state is not None and app.state.paused


def app_with(graphics: Graphics | None) -> JemApp:
    return JemApp(RunHandle(driving(FakeSource().open, lambda event: None)), label="fake", graphics=graphics)


def grid(app: JemApp) -> TileGrid:
    return app.screen.query_one(SamplesPane).grid


async def test_kitty_draws_the_paused_grid_and_cells_return_on_resume(monkeypatch):
    app = app_with(Graphics("kitty"))
    async with app.run_test(size=(120, 35)) as pilot:
        written = Written(app, monkeypatch)
        await until(pilot, lambda: bool(app.screen.query("#grid")) and grid(app).shown)
        assert grid(app).drawn != "pixels" and "\x1b_G" not in written.text
        await pilot.press("p")
        await until(pilot, lambda: paused(app) and grid(app).drawn == "pixels")
        await until(pilot, lambda: "\x1b_G" in written.text)
        shown = grid(app).shown
        assert len(set(re.findall(r"i=(\d+),", written.text))) >= shown > 3
        rows = [strip.text for strip in grid(app).render_lines(grid(app).size.region)]
        placed = grid(app).scaled_layout[1]
        assert sum(row.count(PLACEHOLDER) for row in rows) == shown * placed.tile_rows * placed.tile_columns
        await pilot.press("b")
        assert grid(app).drawn == "half-block", "pixels can be switched off"
        await pilot.press("b", "b", "b", "b")
        assert grid(app).drawn == "pixels"
        await pilot.press("p")
        await until(pilot, lambda: not paused(app) and grid(app).drawn != "pixels")


@pytest.mark.parametrize(("protocol", "sign"), [("sixel", "\x1bP0;1;0q"), ("iterm2", "\x1b]1337;File=")])
async def test_pictures_are_laid_over_the_cells_again_after_a_dialog(protocol, sign, monkeypatch):
    app = app_with(Graphics(protocol))
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: bool(app.screen.query("#grid")) and grid(app).shown)
        await pilot.press("p")
        await until(pilot, lambda: paused(app) and grid(app).drawn == "pixels")
        written = Written(app, monkeypatch)
        await pilot.press("b", "b", "b", "b", "b")
        await until(pilot, lambda: written.text.count(sign) >= grid(app).shown)
        row, column = grid(app).scaled_layout[1].corners[0].tolist()
        region = grid(app).region
        assert f"\x1b[{region.y + row + 1};{region.x + column + 1}H{sign}" in written.text
        await pilot.press("question_mark")
        await pilot.pause()
        written.text = ""
        await pilot.press("escape")
        await until(pilot, lambda: written.text.count(sign) >= grid(app).shown)


async def test_the_chosen_tile_has_a_frame_of_pixels(monkeypatch):
    app = app_with(Graphics("iterm2"))
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: bool(app.screen.query("#grid")) and grid(app).shown)
        await pilot.press("p")
        await until(pilot, lambda: paused(app) and grid(app).drawn == "pixels")
        written = Written(app, monkeypatch)
        await pilot.press("tab", "tab", "right")
        await until(pilot, lambda: written.text.count("]1337;File=") >= grid(app).shown)
        last = re.findall(r"File=[^:]*:([^\x07]*)\x07", written.text)[-grid(app).shown :]
        pictures = [np.asarray(Image.open(BytesIO(b64decode(each)))) for each in last]
        framed = [picture for picture in pictures if len({*map(tuple, picture[0]), *map(tuple, picture[:, -1])}) == 1]
        assert len(framed) == 1 < len(pictures)
