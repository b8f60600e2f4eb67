"""Visibility and position of panes by the size of the terminal."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from jem_tui.events.run import Note
from jem_tui.tui.app import JemApp
from jem_tui.tui.panes.notes_pane import FEW_ROWS, NoteList, shared_rows
from jem_tui.tui.state.run_state import RunView
from tests.tui.sources import FakeSource, jem_app, run_started, screen_rows, shows, text_of, until

WIDE, NARROW, LEAST, TINY = (120, 35), (80, 24), (60, 20), (50, 15)


async def running(pilot: Pilot[Any], app: JemApp, source: FakeSource) -> None:
    await until(pilot, lambda: source.step > 30 and "TRAINING" in text_of(app, "#header"))


async def test_live_resizing_between_all_layouts():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=WIDE) as pilot:
        await running(pilot, app, source)
        await until(pilot, lambda: all(shows(app, text) for text in ("JEM/total", "replay buffer", "notes")))
        for size in (NARROW, LEAST):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: shows(app, "[1 curves]") and shows(app, "JEM/nrg"))
            await until(pilot, lambda: shows(app, "[2 samples]") and shows(app, "6 of 10,000 chains"))
        await pilot.resize_terminal(*TINY)
        await until(pilot, lambda: shows(app, "too small: 50×15, needs 60×20"))
        assert shows(app, "the run continues, q quits")
        assert not shows(app, "JEM/total")
        await pilot.resize_terminal(*WIDE)
        await until(pilot, lambda: all(shows(app, text) for text in ("JEM/total", "replay buffer", "notes")))
        assert not shows(app, "too small")


@pytest.mark.parametrize("size", [(200, 60), WIDE, (100, 30), (100, 20), NARROW, LEAST])
async def test_nothing_is_clipped_and_everything_has_room(size):
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=size) as pilot:
        await running(pilot, app, source)
        await until(pilot, lambda: "quit" in screen_rows(app)[-1])
        rows = screen_rows(app)
        assert "/100,000" in rows[0]
        assert "-3f9c" in rows[-2] and rows[-2].strip().endswith(("3f9c", "CPU"))
        assert all(word in rows[-1] for word in ("pause", "step", "restart", "save", "keys", "help", "quit"))
        for chart in app.screen.query("ChartWidget"):
            assert chart.size.height >= 4
            assert chart.size.width >= 28


async def test_tabs_switch_the_pane_of_a_narrow_screen():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=NARROW) as pilot:
        await running(pilot, app, source)
        for key, shown, hidden in [
            ("1", "JEM/total", "replay buffer"),
            ("1", "replay buffer", "[3 distributions]"),
            ("2", "replay buffer", "JEM/total"),
            ("4", "no notes yet", "replay buffer"),
            ("1", "JEM/total", "no notes yet"),
            ("tab", "replay buffer", "JEM/total"),
        ]:
            await pilot.press(key)
            await until(pilot, lambda shown=shown: shows(app, shown))
            assert not shows(app, hidden)


async def test_a_paused_run_shortens_the_title_of_samples_that_become_narrow():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=NARROW) as pilot:
        await running(pilot, app, source)
        await pilot.press("p")
        await until(pilot, lambda: "PAUSED" in text_of(app, "#header") and shows(app, "replay buffer · 6 of"))
        await pilot.resize_terminal(*LEAST)
        await until(pilot, lambda: shows(app, "─ 6 of 10,000 chains ─"))


@pytest.mark.slow
async def test_hidden_samples_are_not_asked_for():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=NARROW) as pilot:
        await running(pilot, app, source)
        await pilot.press("1")
        await until(pilot, lambda: not shows(app, "replay buffer"))
        asked = len(source.commands)
        await pilot.pause(1.2)
        assert len(source.commands) == asked
        await pilot.press("2")
        await until(pilot, lambda: len(source.commands) > asked)


@pytest.mark.slow
async def test_numbers_of_the_headline_do_not_move():
    source = FakeSource(total=12_000, pause=0.01)
    app = jem_app(source)
    places = set()
    async with app.run_test(size=WIDE) as pilot:
        await running(pilot, app, source)
        for _ in range(5):
            shown = screen_rows(app)[0]
            await until(pilot, lambda shown=shown: screen_rows(app)[0] != shown)
            row = screen_rows(app)[0]
            places.add(tuple(row.index(word) for word in ("epoch", "step", "images", "images/s", "ETA", "/12,000")))
    assert len(places) == 1


@pytest.mark.parametrize("theme", ["textual-light", "nord", "ansi-dark"])
async def test_other_themes_draw_the_same_text(theme):
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=WIDE) as pilot:
        await running(pilot, app, source)
        app.theme = theme
        texts = ("TRAINING", "JEM/total", "replay buffer", "notes")
        await until(pilot, lambda: all(shows(app, text) for text in texts))


@pytest.mark.parametrize(
    ("size", "fields"), [(NARROW, ("ep ", "step ", " img/s", "ETA ")), (LEAST, ("step ", " img/s"))]
)
async def test_numbers_of_a_narrow_headline_have_names(size, fields):
    source = FakeSource(total=2800, pause=0.02)
    app = jem_app(source)
    async with app.run_test(size=size) as pilot:
        await running(pilot, app, source)
        await until(pilot, lambda: all(field in screen_rows(app)[0] for field in fields))


async def test_a_long_note_is_continued_below():
    text = "reseeded all 10,000 chains of the replay buffer from uniform noise between minus one and one"
    widget = NoteList()

    class Alone(App[None]):
        def compose(self) -> ComposeResult:
            yield widget

    async with Alone().run_test(size=(60, 4)) as pilot:
        widget.styles.height = 4
        await pilot.pause()
        run = RunView(run_started())
        for step, words in ((1, "first"), (2, text), (3, "last")):
            run.add_note(Note(step=step, images=step, time=0.0, text=words, kind="info"))
        widget.draw(run)
        await pilot.pause()
        rows = [widget.render_line(y).text.rstrip() for y in range(4)]
        assert [rows[0].split()[-1], rows[2].split()[-1], rows[3].split()[-1]] == ["first", "…", "last"]
        assert " ".join([rows[1][13:], rows[2].strip()]).startswith(
            "· reseeded all 10,000 chains of the replay buffer from"
        )


@given(wanted=st.lists(st.integers(1, 9), max_size=8), room=st.integers(0, 30))
def test_notes_get_all_rows_there_are_and_the_newest_come_first(wanted, room):
    got = shared_rows(wanted, room)
    assert sum(got) == min(room, sum(wanted))
    assert all(rows <= most for rows, most in zip(got, wanted, strict=True))
    for older, newer in pairwise(got):
        assert not older or newer
    for note, rows in enumerate(got):
        assert rows >= min(wanted[note], FEW_ROWS) or sum(got[:note]) == 0
        assert rows <= FEW_ROWS or all(
            later == most for later, most in zip(got[note + 1 :], wanted[note + 1 :], strict=True)
        )
