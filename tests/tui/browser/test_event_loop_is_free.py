"""The browser reads no log, walks no run folder and deletes nothing on the thread of its event loop."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from jem_tui.stream.reader.log_reader import event_files
from jem_tui.tui.browser.browser_app import BrowserApp
from jem_tui.tui.browser.browser_state import BrowserState
from jem_tui.tui.browser.file_work import work_on_files
from jem_tui.tui.browser.prompt_screen import ChoiceScreen, PromptScreen
from jem_tui.tui.supervision.palette_screen import PaletteScreen
from tests.tui.browser.browser_runs import browsing, noticed, recorded_runs, short_run, until
from tests.tui.sources import shows

LONG = frozenset({"shutil.rmtree", "os.rename", "os.remove"})
"""Audit events of changes whose duration depends on a folder or its file system."""
WALKS = frozenset({"os.scandir", "os.listdir"})
_watched: list[tuple[str, int, list[str]]] = []
"""Folder, thread and findings of the test that watches now: an audit hook cannot be removed."""


def _audit(event: str, arguments: Sequence[object]) -> None:
    if not _watched or event not in LONG | WALKS | {"open"} or not arguments:
        return
    root, thread, found = _watched[-1]
    path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | os.PathLike) else ""
    if threading.get_ident() != thread or not path.startswith(root):
        return
    if event in LONG or (event in WALKS and Path(path).name != "checkpoints") or "tfevents" in path:
        found.append(f"{event} {path}")


sys.addaudithook(_audit)


@contextmanager
def nothing_long_here(root: Path) -> Iterator[None]:
    """Fail if this thread reads a log below `root`, searches a folder there, or moves or deletes one."""
    _watched.append((str(root), threading.get_ident(), []))
    try:
        yield
        assert not (found := _watched[-1][-1]), "\n".join(found)
    finally:
        _watched.pop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return recorded_runs(tmp_path / "runs")


def test_the_watch_finds_a_log_that_is_read_here(root):
    with pytest.raises(AssertionError, match="tfevents"), nothing_long_here(root):
        event_files(root / "alpha")[0].read_bytes()


async def test_a_comparison_reads_logs_without_a_record_on_its_thread(root):
    for name in ("alpha", "beta"):
        for file in event_files(root / name):
            file.write_bytes(b"\xff" * (1 << 19))
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: len(app._state.list.runs) == 2)
        with nothing_long_here(root):
            app.screen._actions.compare((root / "alpha", root / "beta"))
            await until(pilot, lambda: noticed(app, "none of 2 can be read"))
            await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_dialogs_of_the_browser_change_files_on_a_thread(root):
    short_run(root / "gamma")
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: len(app._state.list.runs) == 3)
        with nothing_long_here(root):
            app._state.list.selected = root / "alpha"
            await pilot.press("t", *"good", "enter")
            await until(pilot, lambda: (root / "alpha" / "labels.json").exists() and len(app.screen_stack) == 1)
            await pilot.press("n", "end", *"-2", "enter")
            await until(pilot, lambda: (root / "alpha-2").is_dir() and len(app.screen_stack) == 1)
            app._state.list.selected = root / "beta"
            await pilot.press("x")
            await until(pilot, lambda: isinstance(app.screen, ChoiceScreen) and shows(app, "The folder holds"))
            await pilot.press("t")
            await until(pilot, lambda: not (root / "beta").exists() and noticed(app, "Moved beta"))
            app._state.list.selected = root / "gamma"
            await until(pilot, lambda: app._state.list.run is not None and app._state.list.run.path == root / "gamma")
            await pilot.press("x", "x")
            await until(pilot, lambda: isinstance(app.screen, PromptScreen))
            await pilot.press(*"gamma", "enter")
            await until(pilot, lambda: not (root / "gamma").exists() and len(app.screen_stack) == 1)


async def test_a_dialog_cannot_be_closed_or_repeated_while_its_change_is_made(root):
    begun, finish, calls = threading.Event(), threading.Event(), []

    def apply(values: Sequence[str]) -> str:
        calls.append(values)
        begun.set()
        assert finish.wait(40)
        return values[0]

    results: list[str] = []
    async with browsing(root) as (app, pilot):
        app.push_screen(PromptScreen("title", "", [("", "text")], "save", apply, results.append))
        await until(pilot, lambda: isinstance(app.screen, PromptScreen))
        await pilot.press("enter")
        await until(pilot, begun.is_set)
        try:
            await pilot.press("enter", "escape")
            assert isinstance(app.screen, PromptScreen) and shows(app, "save …")
        finally:
            finish.set()
        await until(pilot, lambda: not isinstance(app.screen, PromptScreen))
    assert results == ["text"] and len(calls) == 1


async def test_a_dialog_that_a_palette_covers_when_its_change_is_made_closes_with_the_palette(root):
    finish, results = threading.Event(), []

    def apply(values: Sequence[str]) -> str:
        assert finish.wait(40)
        return values[0]

    async with browsing(root) as (app, pilot):
        app.push_screen(PromptScreen("title", "", [("", "text")], "save", apply, results.append))
        await until(pilot, lambda: isinstance(app.screen, PromptScreen))
        await pilot.press("enter")
        app.action_command_palette()
        await until(pilot, lambda: isinstance(app.screen, PaletteScreen))
        finish.set()
        await until(pilot, lambda: results == ["text"])
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_work_on_files_that_outlasts_the_app_ends_without_an_error_on_its_thread(root, monkeypatch):
    finish, calls, errors = threading.Event(), [], []
    monkeypatch.setattr(threading, "excepthook", errors.append)
    async with browsing(root) as (app, _):
        work_on_files(app, lambda: finish.wait(40), calls.append, calls.append)
        thread = next(thread for thread in threading.enumerate() if thread.name == "jem-files")
    finish.set()
    thread.join(40)
    assert not thread.is_alive() and not calls and not errors


async def test_a_failure_after_the_work_on_files_reaches_the_app_instead_of_its_thread(root, monkeypatch):
    errors: list[object] = []
    monkeypatch.setattr(threading, "excepthook", errors.append)

    def fail(result: object) -> None:
        raise LookupError("no such row")

    app = BrowserApp(BrowserState(root))
    with pytest.raises(LookupError, match="no such row"):
        async with app.run_test() as pilot:
            work_on_files(app, lambda: None, fail, fail)
            await until(pilot, lambda: app.failure is not None)
    assert not errors and app.failure is not None
