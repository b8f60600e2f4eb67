"""Contrast of every text on every screen of the program, measured on rendered cells.

A new subclass of Screen fails `test_every_screen_of_the_program_is_measured` until it has a row in one of the tables.
"""

from __future__ import annotations

import importlib
import pkgutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.color import Color
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.theme import Theme

import jem_tui.tui
from jem_tui.events.run import Stopped
from jem_tui.tui.browser import command_screen
from jem_tui.tui.browser.browser_app import BrowserApp
from jem_tui.tui.browser.browser_screen import BrowserScreen
from jem_tui.tui.browser.browser_state import BrowserState
from jem_tui.tui.browser.command_screen import CommandScreen
from jem_tui.tui.browser.comparison.compare_screen import CompareScreen
from jem_tui.tui.browser.prompt_screen import ChoiceScreen, PromptScreen
from jem_tui.tui.draw.draw_screen import DrawScreen
from jem_tui.tui.draw.open_image_screen import OpenImageScreen
from jem_tui.tui.exiting.failure_screen import FailureScreen
from jem_tui.tui.exiting.quit_screen import QuitScreen, choices_of_owner
from jem_tui.tui.preferences.readable_text import ENOUGH, HIGH, contrast
from jem_tui.tui.preferences.theme import HIGH_CONTRAST, LIGHT, THEMES
from jem_tui.tui.replay.goto_screen import GoToScreen
from jem_tui.tui.screens.guided_screen import GuidedScreen
from jem_tui.tui.screens.loading_screen import LoadingScreen
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.screens.settings_screen import SettingsScreen
from jem_tui.tui.screens.summary_screen import SummaryScreen
from jem_tui.tui.supervision.palette_screen import PaletteScreen
from jem_tui.tui.supervision.steady_screen import SteadyScreen
from tests.tui.browser.browser_runs import recorded_runs
from tests.tui.draw.fake_drawings import FakeDrawings, draw_app, ready, screen_of
from tests.tui.sources import FakeSource, jem_app, shows, text_of, until

pytestmark = pytest.mark.usefixtures("true_colour_terminal")

Make = Callable[[Any], Screen[Any]]
FIRST_DRAWING = 0x2500
"""First code point of boxes, blocks and braille, which are drawings and no text."""
SIZE = (160, 50)
DIM = 0.5
"""Share of the text's colour that the attribute dim leaves."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in one style, with its place and its contrast."""

    text: str
    row: int
    ratio: float


def stopped(error: str | None = None) -> Stopped:
    return Stopped(step=1, images=64, time=1.0, reason="failed" if error else "finished", error=error)


OVER_A_RUN: Mapping[type[Screen[Any]], Make] = {
    LoadingScreen: lambda app: LoadingScreen("mnist-mini · conv · fast", "runs/2026-11-23_1812-mnist-mini-3f9c"),
    SummaryScreen: lambda app: SummaryScreen(app._session.state, app._session.state.run, None),
    SettingsScreen: lambda app: SettingsScreen(app._session),
    QuitScreen: lambda app: QuitScreen("Leave?", choices_of_owner(500, None)),
    FailureScreen: lambda app: FailureScreen(
        "The run failed", stopped("The disk is full."), "runs/a", "{failure-close} close"
    ),
    GoToScreen: lambda app: GoToScreen((0, 2800)),
    PaletteScreen: lambda app: PaletteScreen(),
}
OVER_THE_BROWSER: Mapping[type[Screen[Any]], Make] = {
    CompareScreen: lambda app: CompareScreen(tuple(sorted(app._state.root.iterdir()))[:2]),
    PromptScreen: lambda app: PromptScreen("rename", "A new name.", [("Name", "alpha")], "rename", lambda values: None),
    ChoiceScreen: lambda app: ChoiceScreen(
        "delete", "Delete the run?", [("trash", "deletion-trash", "Delete", "Move it.")]
    ),
    CommandScreen: lambda app: CommandScreen(["eval", "runs/a"]),
}
OVER_A_DRAWING: Mapping[type[Screen[Any]], Make] = {
    OpenImageScreen: lambda app: OpenImageScreen(),
}
OPENED_FIRST = {RunScreen, BrowserScreen, DrawScreen}
WITHOUT_CONTENT = {SteadyScreen, GuidedScreen}
"""Classes of which only subclasses are displayed."""
THEME = pytest.mark.parametrize(
    "theme",
    [pytest.param(theme, id=theme.name, marks=() if theme is LIGHT else pytest.mark.slow) for theme in THEMES],
)


def screens_of_the_program() -> set[type[Screen[Any]]]:
    """Return every subclass of Screen in the modules of the program."""
    for module in pkgutil.walk_packages(jem_tui.tui.__path__, "jem_tui.tui."):
        importlib.import_module(module.name)
    found: set[type[Screen[Any]]] = set()
    waiting: list[type[Screen[Any]]] = [Screen]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        waiting += subclasses
        found |= {each for each in subclasses if each.__module__.startswith("jem_tui.")}
    return found


def test_every_screen_of_the_program_is_measured():
    measured = {*OVER_A_RUN, *OVER_THE_BROWSER, *OVER_A_DRAWING, *OPENED_FIRST}
    assert screens_of_the_program() - WITHOUT_CONTENT == measured


def measured_regions(screen: Screen[Any]) -> list[Region]:
    """Return the part of the terminal that a screen fills; of a dialog, its panels and not the dimmed screen behind it."""
    if not isinstance(screen, ModalScreen):
        return [screen.region]
    panels = list(screen.query(".dialog")) or [each for each in screen.query("*") if not each.children]
    return [each.region for each in panels]


def pieces(screen: Screen[Any], regions: list[Region]) -> Iterator[Piece]:
    """Yield each piece of text within regions of a screen."""
    for row, strip in enumerate(screen._compositor.render_strips()):
        for region in regions:
            if not region.y <= row < region.bottom:
                continue
            for segment in strip.crop(region.x, region.right):
                style, text = segment.style, segment.text
                if any(unicodedata.category(sign)[0] in "LNP" and ord(sign) < FIRST_DRAWING for sign in text):
                    assert style is not None and style.color is not None and style.bgcolor is not None
                    front, ground = (Color(*colour.get_truecolor()) for colour in (style.color, style.bgcolor))
                    front = ground.blend(front, DIM, 1) if style.dim else front
                    yield Piece(text.strip(), row, contrast(front, ground))


async def faint(
    pilot: Pilot[Any], theme: Theme, regions: Callable[[], list[Region]] | None = None
) -> dict[str, list[Piece]]:
    """Return the text with too little contrast by the name of the screen, within `regions` if they are given."""
    screen = pilot.app.screen
    await pilot.pause()
    found = list(pieces(screen, regions() if regions else measured_regions(screen)))
    least = HIGH if theme is HIGH_CONTRAST else ENOUGH
    assert found, f"no text on {type(screen).__name__}"
    wrong = [piece for piece in found if piece.ratio < least]
    return {type(screen).__name__: wrong} if wrong else {}


async def faint_over(
    pilot: Pilot[Any], theme: Theme, opened: Mapping[type[Screen[Any]], Make]
) -> dict[str, list[Piece]]:
    """Open screens over the displayed one, and return the text with too little contrast by screen."""
    app: App[Any] = pilot.app
    wrong: dict[str, list[Piece]] = {}
    for make in opened.values():
        screen = make(app)
        app.push_screen(screen)
        await until(pilot, lambda screen=screen: app.screen is screen and screen.is_current)
        await pilot.pause(0.05)
        wrong |= await faint(pilot, theme)
        app.pop_screen()
        await pilot.pause()
    return wrong


@THEME
async def test_the_screen_of_a_run_and_its_dialogs_are_readable(theme):
    source = FakeSource(total=2800, pause=0.02)
    app = jem_app(source)
    app.theme = theme.name
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: source.step > 9 and "TRAINING" in text_of(app, "#header"))
        run = app.screen
        run.draw_everything()
        assert not await faint(pilot, theme)
        for key, part in (("h", "KeyPanel"), ("f2", "TourPanel"), ("question_mark", "HelpPanel")):
            await pilot.press(key)
            await until(pilot, lambda part=part: bool(run.query(part)) and run.query_one(part).size.height > 1)
            assert not await faint(pilot, theme, lambda part=part: [run.query_one(part).region])
        await pilot.press("escape", "escape")
        assert not await faint_over(pilot, theme, OVER_A_RUN)


@THEME
async def test_the_browser_and_its_screens_are_readable(theme, tmp_path, monkeypatch):
    monkeypatch.setattr(command_screen, "CommandProcess", no_process)
    app = BrowserApp(BrowserState(recorded_runs(tmp_path)))
    app.theme = theme.name
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "97.12%") and shows(app, "JEM/accuracy"))
        assert not await faint(pilot, theme)
        await pilot.press("space")
        assert not await faint(pilot, theme)
        assert not await faint_over(pilot, theme, OVER_THE_BROWSER)


@THEME
async def test_the_draw_screen_and_its_dialogs_are_readable(theme):
    app = draw_app(FakeDrawings())
    app.theme = theme.name
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot, screen_of(app))
        assert not await faint(pilot, theme)
        await pilot.press("space", "right")
        assert not await faint(pilot, theme)
        assert not await faint_over(pilot, theme, OVER_A_DRAWING)


@THEME
async def test_a_browser_without_runs_is_readable(theme, tmp_path):
    app = BrowserApp(BrowserState(tmp_path / "none"))
    app.theme = theme.name
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app._state.reading.searched)
        assert not await faint(pilot, theme)


def no_process(words: Any, columns: int) -> None:
    raise FileNotFoundError(2, "No such file or directory", Path("jem-tui"))
