"""The help next to the run: its pages, its search, and the keys of the run while it is open."""

from __future__ import annotations

import pytest

from jem_tui.events.jem_texts import ONE_PAGE, SYMBOLS
from jem_tui.tui.help.curve_help import NO_CURVES
from jem_tui.tui.help.help_entry import HelpEntry, matches, rows_of
from jem_tui.tui.help.help_pages import help_pages, run_display
from jem_tui.tui.help.help_panel import HelpPanel
from jem_tui.tui.keys import KEYS
from jem_tui.tui.state.note_signs import SIGNS
from tests.tui.sources import FakeSource, badge, jem_app, screen_rows, shows, text_of, until

WORKING = KEYS[:15]
PAGES = help_pages(WORKING, KEYS, "curves", run_display(NO_CURVES, attached=False, watched=False))
SIZES = [(60, 20), (80, 24), (100, 30), (120, 35), (200, 60)]


def entries(number: int) -> list[HelpEntry]:
    return [entry for section in PAGES[number].sections for entry in section.entries]


def test_every_key_is_listed_once_and_those_that_do_not_work_say_when_they_do():
    assert [entry.key for entry in entries(1)] == [key.written for key in KEYS]
    assert [entry.works for entry in entries(1)] == [key in WORKING for key in KEYS]
    assert next(entry for entry in entries(1) if entry.key == "d").text.endswith("(in a replay)")


def test_pages_of_explanations_have_the_texts_of_the_documentation():
    assert [(entry.title, entry.text) for entry in entries(3)] == list(ONE_PAGE.items())
    assert set(SYMBOLS.items()) <= {(entry.key, entry.text) for entry in entries(4)}
    assert {(note.sign, note.meaning) for note in SIGNS.values()} <= {(entry.key, entry.text) for entry in entries(4)}


@pytest.mark.parametrize("width", [30, 56, 84])
def test_every_row_fits(width: int):
    for page in PAGES:
        assert max(row.cell_length for row in rows_of(page.sections, width)) <= max(width, 40)


def test_the_search_finds_words_of_all_pages_and_whole_keys():
    found = [entry for section in matches(PAGES, "Checkpoint") for entry in section.entries]
    assert {"s", "+"} <= {entry.key for entry in found}
    assert [entry.text for section in matches(PAGES, "k") for entry in section.entries if entry.key == "k"]
    assert matches(PAGES, "no such words") == ()
    texts = [(entry.key, entry.text) for section in matches(PAGES, "chain") for entry in section.entries]
    assert len(set(texts)) == len(texts)


ON_SCREEN = (
    "avg",
    "raw",
    "events",
    "quadrant",
    "symlog",
    "smoothing",
    "validation",
    "threshold",
    "averaged",
    "gray dots",
)


@pytest.mark.parametrize("word", ON_SCREEN)
def test_the_search_explains_words_of_the_screen(word: str):
    found = [entry for section in matches(PAGES, word) for entry in section.entries]
    assert any(word in (entry.key, *entry.key.split()) for entry in found)


def test_the_search_prefers_starts_of_words():
    texts = [entry.text for section in matches(PAGES, "raw") for entry in section.entries]
    assert texts and not any("Draw" in text for text in texts)
    assert any("checkpoint" in entry.text for section in matches(PAGES, "heckpoint") for entry in section.entries)


@pytest.mark.parametrize("size", SIZES)
async def test_the_run_stays_visible_and_can_be_steered_next_to_the_help(size: tuple[int, int]):
    app = jem_app(FakeSource())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "? help" in screen_rows(app)[-1])
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(app, "[keys here]") and "esc close" in screen_rows(app)[-1])
        visible = app.screen.query_one("#workspace").region.right <= app.screen.query_one(HelpPanel).region.x
        assert visible is (size[0] >= 100)
        for name in ("all keys", "display", "JEM", "symbols", "keys here"):
            await pilot.press("right")
            await until(pilot, lambda name=name: shows(app, f"[{name}]"))
        await pilot.press("p")
        await until(pilot, lambda: app.state.paused)
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query(HelpPanel) and "? help" in screen_rows(app)[-1])
        await until(pilot, lambda: size[0] < 100 or badge(app) == "PAUSED")


async def test_the_first_page_begins_with_the_keys_of_the_focused_pane():
    app = jem_app(FakeSource())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "? help" in screen_rows(app)[-1])
        curves = app.screen.query_one("#curves")
        curves.focus()
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(app, "in the curves") and shows(app, "Move the cursor left"))
        await pilot.press("question_mark")
        await until(pilot, lambda: app.screen.focused is curves)


async def test_a_search_is_typed_and_left_with_escape():
    app = jem_app(FakeSource())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "? help" in screen_rows(app)[-1])
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(app, "[keys here]"))
        await pilot.press("slash", *"autocorrelat")
        await until(pilot, lambda: shows(app, "Nothing in the help contains this text."))
        await pilot.press(*["backspace"] * 12, *"auroc")
        await until(pilot, lambda: "AUROC" in text_of(app, "HelpText") and not shows(app, "Nothing"))
        await until(pilot, lambda: screen_rows(app)[-1].split() == ["enter", "keep", "esc", "clear"])
        assert shows(app, "enter keep · esc end search")
        await pilot.press("escape")
        await until(pilot, lambda: shows(app, "[keys here]") and "esc close" in screen_rows(app)[-1])
        await pilot.press("slash", *"auroc", "enter", "down")
        await until(pilot, lambda: "AUROC" in text_of(app, "HelpText") and "esc close" in screen_rows(app)[-1])
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query(HelpPanel))
