"""The frame around the panes: what is shown where, what is remembered, and how it looks."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from jem_tui.tui.app import JemApp
from jem_tui.tui.preferences.pane_layout import PaneLayout
from jem_tui.tui.preferences.preferences import FOLDER_VARIABLE, Preferences, preferences_file
from jem_tui.tui.preferences.theme import THEMES
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.tui.sources import FakeSource, jem_app, screen_rows, shows, text_of, until

WIDE = (120, 35)


def app_with(preferences: Preferences, source: FakeSource, run_dir: Path | None = None, **changes: Any) -> JemApp:
    return JemApp(
        RunHandle(driving(source.open, lambda event: None)),
        label="fake",
        run_dir=str(run_dir or ""),
        preferences=preferences,
        **changes,
    )


async def running(pilot: Pilot[Any], app: JemApp) -> None:
    await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))


def left_edge(app: JemApp, text: str) -> int:
    return next(row.index(text) for row in screen_rows(app) if text in row)


def test_panes_follow_the_size_until_they_are_chosen():
    layout = PaneLayout()
    assert layout.shown(120, 35) == ("curves", "samples", "distributions", "notes")
    assert layout.shown(120, 35, frozenset()) == ("curves", "samples", "notes", "console", "ranks")
    assert layout.toggled("console", 120, 35).shown(120, 35) == ("curves", "samples", "distributions", "notes")
    assert layout.shown(120, 30) == ("curves", "samples", "notes")
    assert layout.shown(120, 20) == ("curves", "samples")
    assert layout.shown(200, 60) == ("curves", "samples", "distributions", "notes", "chain")
    hidden = layout.toggled("notes", 120, 35)
    assert hidden.shown(120, 35) == ("curves", "samples", "distributions")
    assert hidden.toggled("notes", 120, 35).shown(120, 35) == layout.shown(120, 35)


def test_the_last_pane_stays():
    layout = PaneLayout(chosen={"curves": False, "notes": False, "distributions": False})
    assert layout.shown(120, 35) == ("samples",)
    assert layout.toggled("samples", 120, 35) == layout


def test_a_layout_survives_being_stored_and_what_is_broken_is_the_default():
    layout = PaneLayout().widened(0.1).toggled("notes", 120, 35)
    assert PaneLayout.read(layout.stored()) == layout
    assert PaneLayout.read({"share": "half", "notes": 3, "nonsense": True}) == PaneLayout()
    assert PaneLayout.read({"share": 7.0}) == PaneLayout()
    assert PaneLayout().widened(5).share == 0.75


async def test_panes_are_hidden_resized_and_reset_by_keys():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await running(pilot, app)
        start = left_edge(app, "replay buffer")
        await pilot.press("4")
        await until(pilot, lambda: not shows(app, "no notes yet"))
        await pilot.press("right_curly_bracket")
        await until(pilot, lambda: left_edge(app, "replay buffer") == start + 6)
        await pilot.press("2")
        await until(pilot, lambda: not shows(app, "replay buffer"))
        await pilot.press("0")
        await until(pilot, lambda: shows(app, "no notes yet") and left_edge(app, "replay buffer") == start)


async def test_the_line_between_the_columns_is_dragged():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await running(pilot, app)
        start = left_edge(app, "replay buffer")
        x = app.screen.query_one("#divider").region.x
        await pilot.mouse_down(offset=(x, 10))
        await pilot.hover(offset=(x - 20, 10))
        await pilot.mouse_up(offset=(x - 20, 10))
        await until(pilot, lambda: abs(left_edge(app, "replay buffer") - (start - 20)) <= 1)


async def test_the_focus_walks_the_panes_and_escape_lets_go():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await running(pilot, app)
        assert app.screen.focused is None
        seen = []
        for _ in range(6):
            await pilot.press("tab")
            seen.append(app.screen.focused)
        assert None not in seen
        assert "note-list" in {widget.id for widget in seen}
        await pilot.press("shift+tab")
        assert app.screen.focused is seen[-2] or len(set(seen)) == 1
        await pilot.press("escape")
        assert app.screen.focused is None


async def test_a_theme_is_remembered(tmp_path):
    path = tmp_path / "screen.toml"
    source = FakeSource()
    app = app_with(Preferences.load(path), source)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await running(pilot, app)
        names = [app.theme]
        for _ in THEMES:
            await pilot.press("T")
            names.append(app.theme)
        assert names == [theme.name for theme in THEMES] + [THEMES[0].name]
        await pilot.press("T", "4")
        await until(pilot, lambda: "notes" in path.read_text())
    kept = tomllib.loads(path.read_text())
    assert kept["screen"]["theme"] == THEMES[1].name
    assert kept["layout"]["notes"] is False
    app = app_with(Preferences.load(path), FakeSource())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await running(pilot, app)
        assert app.theme == THEMES[1].name
        assert not shows(app, "no notes yet")


def test_what_the_user_wrote_stays(tmp_path):
    path = tmp_path / "screen.toml"
    path.write_text('# mine\n[keys]\npause = "x"  # easier\n[layout]\nshare = 0.3\nnotes = true\n')
    Preferences.load(path).keep("layout", {"share": 0.4})
    text = path.read_text()
    assert "# mine" in text and 'pause = "x"  # easier' in text
    assert tomllib.loads(text)["layout"] == {"share": 0.4}
    assert [file.name for file in tmp_path.iterdir()] == ["screen.toml"]


def test_another_window_and_this_one_write_into_the_same_file(tmp_path):
    path = tmp_path / "new" / "screen.toml"
    first, second = Preferences.load(path), Preferences.load(path)
    first.keep("screen", {"theme": "jem-light"})
    second.keep("layout", {"share": 0.4})
    assert tomllib.loads(path.read_text()) == {"screen": {"theme": "jem-light"}, "layout": {"share": 0.4}}


@pytest.mark.parametrize("content", [b"[layout\n", b"\xff\xfe"])
async def test_a_broken_preferences_file_is_reported_once_and_not_changed(tmp_path, content):
    path = tmp_path / "screen.toml"
    path.write_bytes(content)
    app = app_with(Preferences.load(path), FakeSource())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await running(pilot, app)
        await until(pilot, lambda: shows(app, "not valid TOML"))
        await pilot.press("T")
        await pilot.pause()
    assert path.read_bytes() == content


async def test_an_unwritable_preferences_folder_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    app = app_with(Preferences(tmp_path / "file" / "screen.toml"), FakeSource())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await running(pilot, app)
        await pilot.press("T")
        await until(pilot, lambda: shows(app, "screen.toml cannot") or shows(app, "cannot be"))
        await pilot.press("T")
        assert app.theme == THEMES[2].name


def test_preferences_lie_where_the_user_wants_them(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert preferences_file() == tmp_path / "screen.toml"
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert preferences_file().name == "screen.toml"


async def test_a_screenshot_is_saved_in_the_run_folder_or_the_current_one(tmp_path, monkeypatch):
    folder, here = tmp_path / "run", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    for run_dir, place in ((folder, folder), (tmp_path / "gone", here)):
        app = app_with(Preferences(), FakeSource(), run_dir)
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            await running(pilot, app)
            await pilot.press("S", "S")
            await until(pilot, lambda place=place: len(list(place.glob("*.svg"))) == 2)
            await until(pilot, lambda app=app: shows(app, "Saved"))
        assert all("JEM/total" in file.read_text().replace("&#160;", " ") for file in place.glob("*.svg"))


async def test_focused_notes_scroll_to_older_ones():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await running(pilot, app)
        for _ in range(30):
            await pilot.press("r")
        await pilot.press("4", "tab", "shift+tab")
        await until(pilot, lambda: app.screen.focused is not None and app.screen.focused.id == "note-list")
        log = app.screen.query_one("#note-list")
        await until(pilot, lambda: text_of(app, "#note-list").count("restarted") > 10)
        await pilot.press("up", "pageup")
        assert log.back == 11
        await pilot.press("end")
        assert log.back == 0
