"""The keys that save pictures of a screen and copy its values, on every screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from textual.app import App
from textual.pilot import Pilot

from jem_tui.tui import cell_picture
from jem_tui.tui.browser.browser_app import BrowserApp
from jem_tui.tui.browser.browser_state import BrowserState
from jem_tui.tui.browser.command_screen import CommandScreen
from jem_tui.tui.cell_picture import HEIGHT, WIDTH
from jem_tui.tui.draw.draw_app import DrawApp
from jem_tui.tui.screens.settings_screen import SettingsScreen
from jem_tui.tui.screens.summary_screen import SummaryScreen
from tests.tui.browser.browser_runs import recorded_runs
from tests.tui.draw.fake_drawings import FakeDrawings, fake_access, ready, screen_of
from tests.tui.sources import FakeSource, jem_app, shows, until

SIZE = (100, 30)


def noticed(app: App[Any], text: str) -> bool:
    return any(text in notice.message for notice in app._notifications)


async def exported(app: App[Any], pilot: Pilot[Any], folder: Path, name: str) -> dict[str, list[str]]:
    """Save both pictures, check their files below `folder`, and return the copied rows by their first cells."""
    await pilot.press("S", "P", "Y")
    svg, png = folder / f"{name}.svg", folder / f"{name}.png"
    await until(pilot, lambda: png.exists() and svg.exists() and bool(app._clipboard))
    with Image.open(png) as picture:
        assert picture.size == (SIZE[0] * WIDTH, SIZE[1] * HEIGHT)
    assert "</svg>" in svg.read_text()
    await until(pilot, lambda: noticed(app, str(png)) and noticed(app, "Copied"))
    return {cells[0]: cells[1:] for cells in (line.split("\t") for line in app._clipboard.splitlines())}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is empty."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


async def test_the_browser(tmp_path, here):
    app = BrowserApp(BrowserState(recorded_runs(tmp_path / "runs")))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: len(app._state.list.runs) == 2)
        rows = await exported(app, pilot, here, "screen")
    assert rows["folder"] == ["state", "steps", "accuracy", "bytes", "tags", "note", "split"]
    for name in ("alpha", "beta"):
        assert rows[str(tmp_path / "runs" / name)][0] == "finished"


async def test_the_comparison(tmp_path, here):
    root = recorded_runs(tmp_path / "runs")
    app = BrowserApp(BrowserState(root, compared=(root / "alpha", root / "beta")))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "last values"))
        rows = await exported(app, pilot, here, "screen")
    assert rows["run"] == ["alpha", "beta"]
    assert rows["folder"] == [str(root / "alpha"), str(root / "beta")]
    assert len(rows["JEM/total"]) == 2


async def test_the_draw_screen(tmp_path, here):
    app = DrawApp("a-run", fake_access(FakeDrawings()), None, run_dir=str(tmp_path))
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        await pilot.press("space", "space")
        await until(pilot, lambda: state.score is not None and state.score.energy > 0)
        rows = await exported(app, pilot, tmp_path, "screen_step_000005")
    assert float(rows["E(x)"][0]) > 0 and float(rows["OOD threshold"][0]) == 0.0
    assert sorted(round(float(rows[f"p({digit}|x)"][0]), 3) for digit in range(10)) == [*[0.02] * 9, 0.8]
    assert list(here.iterdir()) == []


async def test_the_summary(tmp_path, here):
    app = jem_app(FakeSource(total=30))
    app._run_dir = str(tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        await pilot.press("E")
        await until(pilot, lambda: isinstance(app.screen, SummaryScreen) and shows(app, "JEM/accuracy"))
        rows = await exported(app, pilot, tmp_path, "screen_step_000030")
        assert rows["name"] == ["value", "last tenth"]
        assert rows["Length"][0].startswith("30 steps") and "JEM/total" in rows


async def test_the_settings(tmp_path, here):
    app = jem_app(FakeSource())
    app._run_dir = str(tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        await pilot.press("p")
        await until(pilot, lambda: shows(app, "PAUSED"))
        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        step = app._session.state.run.step
        rows = await exported(app, pilot, tmp_path, f"screen_step_{step:06d}")
        assert isinstance(app.screen, SettingsScreen)
    assert rows["buffer.size"] == ["10000", "at the start"]


async def test_the_output_of_a_command(tmp_path, here):
    app = BrowserApp(BrowserState(recorded_runs(tmp_path / "runs")))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: len(app._state.list.runs) == 2)
        app.push_screen(CommandScreen(("--version",)))
        await until(pilot, lambda: isinstance(app.screen, CommandScreen) and shows(app, "finished"))
        rows = await exported(app, pilot, here, "screen")
        assert isinstance(app.screen, CommandScreen)
    assert any("jem-tui" in first for first in rows)


async def test_a_picture_that_cannot_be_drawn_is_a_notice(tmp_path, here, monkeypatch):
    def fail(*_: object) -> bytes:
        raise ValueError("no [font]")

    monkeypatch.setattr(cell_picture, "png_of_rows", fail)
    app = BrowserApp(BrowserState(tmp_path / "runs"))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app._state.reading.searched)
        await pilot.press("P")
        await until(pilot, lambda: noticed(app, "Could not save the picture: ValueError: no [font]"))
        await pilot.press("Y")
        await until(pilot, lambda: noticed(app, "nothing to copy"))
    assert app.failure is None and list(here.iterdir()) == []
