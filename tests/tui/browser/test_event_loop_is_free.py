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
from jem_tui.tui.browser.prompt_screen import ChoiceScreen, PromptScreen
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
