"""Texts with every key remapped: none names a key of the default table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import jem_tui
from jem_tui.events import jem_texts
from jem_tui.tui.browser import browser_help
from jem_tui.tui.browser.browser_app import BrowserApp
from jem_tui.tui.browser.browser_state import BrowserState
from jem_tui.tui.draw import choose_scorer, drawing_actions, drawing_help
from jem_tui.tui.draw.draw_app import DrawApp
from jem_tui.tui.help import display_texts
from jem_tui.tui.keys import KEYS
from jem_tui.tui.keys.conditions import ON_SCREENS
from jem_tui.tui.keys.remap import PLACEHOLDER, Keyboard, remap_keys
from jem_tui.tui.preferences.preferences import Preferences
from jem_tui.tui.tour import tour_guide, tour_steps
from tests.tui.draw.fake_drawings import FakeDrawings, fake_access, ready, screen_of
from tests.tui.sources import FakeSource, jem_app, screen_rows, shows, until

SIZE = (200, 60)
FIRST_SIGN = 0x0531
"""Code point of the first of the Armenian, Hebrew and Arabic letters to which keys are assigned, which no text of the program contains."""
NAMED_KEY = r"(?:esc|enter|tab|space|bksp|home|end|f\d|ctrl\+\w|[A-Za-z?/+<>])"
LITERAL_KEYS = (
    re.compile(rf"\b[Pp]ress {NAMED_KEY}(?![\w-])"),
    re.compile(r"\b(?:esc|bksp|f[12])\b"),
    re.compile(r"(?:^|· |, |\()(?:[b-zA-Z?/]|enter|tab|space|[↑↓←→ ]+): [a-z]"),
    re.compile(r"(?:^|[ (;·])[b-zB-HL-Z?/] (?:again|[a-z]+s (?:it|the|a|every|all|to|as)\b|stops|quits|searches)"),
    re.compile(rf"\bwith {NAMED_KEY}(?:[.,; ] ?(?:first|or|and)\b|\.$)"),
)
"""Forms in which a text would name a key itself instead of its name in the table."""
ENGLISH = {"jem-tui: Press enter to return to the runs.", "f1", "<f2", "<f4", "<f8"}
"""Texts that match by accident, or that name a key which cannot be assigned."""


def remapped() -> dict[str, str]:
    """Return a different letter for each key of the table."""
    letters = (letter for letter in map(chr, range(FIRST_SIGN, 0x0700)) if letter.isalpha() and letter.isprintable())
    return {key.id: next(letters) for key in KEYS}


def texts_of(path: Path) -> Iterator[str]:
    """Yield the strings of a module, without docstrings and style sheets."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


@pytest.mark.parametrize("room", ["tui", "events", "cli"])
def test_no_text_names_a_key_itself(room: str):
    root = Path(jem_tui.__file__).parent
    paths = [path for path in (root / room).rglob("*.py") if path.parent.name not in ("keys", "terminal")]
    found = [
        f"{path.relative_to(root)}: {text}"
        for path in paths
        for text in texts_of(path)
        if text not in ENGLISH and ";\n" not in text and any(form.search(text) for form in LITERAL_KEYS)
    ]
    assert paths and found == []


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_no_sentence_about_a_key_names_another_key(key):
    assert not any(form.search(text) for form in LITERAL_KEYS for text in (key.label, key.tooltip))


def test_the_forms_find_the_texts_that_named_keys():
    for text in (
        "esc: close",
        "running ×4 · g stops",
        "r restores the drawing",
        "The run is still loading. Press D again once it has started.",
        "Mark a second run with space, then press c.",
        "an event of the recording; m jumps to the next: m jumps to it",
        "Copy its path with y.",
    ):
        assert any(form.search(text) for form in LITERAL_KEYS), text


def test_every_name_in_braces_is_in_the_table():
    keyboard = remap_keys(KEYS, remapped())
    assert keyboard.errors == ()
    filled = [keyboard.fill(text) for text in texts_with_keys()]
    assert len(filled) > 15
    for text in filled:
        assert not PLACEHOLDER.search(text)
        assert not any(form.search(text) for form in LITERAL_KEYS)


def texts_with_keys() -> Iterator[str]:
    """Yield the texts of tables that may name keys."""
    steps = [
        *tour_steps.tour_steps(live=True, with_histograms=True),
        *tour_steps.tour_steps(live=False, with_histograms=False, one_panel=True),
        tour_steps.CLOSING,
        tour_steps.CLOSING_RECORDING,
    ]
    for step in steps:
        yield from (step.text, step.task, step.done)
    yield from (
        tour_guide.SKIPPED,
        choose_scorer.LOADING,
        drawing_actions.NOTHING_DRAWN,
        drawing_actions.DISCARDS,
    )
    yield from (*drawing_help.EXPLANATION, *browser_help.BROWSER, *browser_help.COMPARISON)
    yield from (*display_texts.OF_RUN, *display_texts.OF_LOOP, *display_texts.OF_VIEWER, *display_texts.SIGNS.values())
    yield from display_texts.WORDS.values()
    yield from jem_texts.ONE_PAGE.values()


def hints(rows: list[str], keyboard: Keyboard, place: str) -> list[str]:
    """Return the words of the footer and of frames that begin with a default key of a place."""
    old = {key.written.partition(" ")[0] for key in KEYS if key.focus in ("", place)}
    words = {key.word for key in keyboard.keys if key.focus in ("", place)}
    found = re.findall(r"(?<!\S)(\S+) (\S+)", rows[-1])
    return [f"{key} {word}" for key, word in found if key in old and word in words]


async def test_the_screens_show_and_obey_the_keys_of_the_user(tmp_path: Path):
    wanted = remapped()
    keyboard = remap_keys(KEYS, wanted)
    preferences = Preferences(sections={"keys": dict(wanted)})
    app = BrowserApp(BrowserState(tmp_path), preferences=preferences)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: f"{wanted['browser-help']} help" in screen_rows(app)[-1])
        assert hints(screen_rows(app), keyboard, "browser") == []
        await pilot.press(wanted["browser-help"])
        await until(pilot, lambda: shows(app, "[keys here]") and shows(app, f"{wanted['help-close']} close"))
        await pilot.press(wanted["help-close"])
        await until(pilot, lambda: not shows(app, "[keys here]"))
        await pilot.press("question_mark", "slash")
        await pilot.pause()
        assert not shows(app, "[keys here]")


def test_conflicts_are_checked_in_each_place():
    board = remap_keys(KEYS, {"browser-open": "e"})
    assert "e is already the key of browser-evaluate" in board.errors[0]
    assert (
        remap_keys(KEYS, {"browser-open": "f9", "compare-copy": "f9", "summary-quit": "f9", "pause": "f9"}).errors == ()
    )
    assert "is already the key of screenshot" in remap_keys(KEYS, {"browser-open": "S"}).errors[0]
    assert {key.focus for key in KEYS} >= set(ON_SCREENS)


async def test_keys_of_the_tour_work_although_other_keys_took_their_letters():
    app = jem_app(FakeSource())
    app.keyboard = remap_keys(KEYS, {"pause": "enter", "release": "f9"})
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "enter pause" in screen_rows(app)[-1])
        await pilot.press("f2", "enter")
        await until(pilot, lambda: shows(app, "tour 2 of 5"))
        await pilot.press("escape")
        await until(pilot, lambda: not shows(app, "tour 2 of 5"))
        await pilot.press("enter")
        await until(pilot, lambda: app.state.paused)


async def test_draw_and_run_screen_name_the_keys_of_the_user():
    wanted = remapped()
    preferences = Preferences(sections={"keys": dict(wanted)})
    drawing = DrawApp("a-run", fake_access(FakeDrawings()), None, preferences=preferences)
    async with drawing.run_test(size=SIZE) as pilot:
        await ready(pilot, screen_of(drawing))
        await until(pilot, lambda: shows(drawing, f"press {wanted['draw-pen']} and arrow keys"))
        assert hints(screen_rows(drawing), drawing.keyboard, "draw") == []
    app = jem_app(FakeSource())
    app.keyboard = remap_keys(KEYS, wanted)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: f"{wanted['help']} help" in screen_rows(app)[-1])
        assert hints(screen_rows(app), app.keyboard, "") == []
        await pilot.press(wanted["keys"])
        await until(pilot, lambda: shows(app, f"{wanted['help']} all keys"))
