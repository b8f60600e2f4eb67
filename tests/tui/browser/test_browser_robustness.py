"""The run browser with hostile runs, failing readers, every size, and thousands of runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.stream.stream_events import record, small_run
from tests.tui.browser.browser_runs import browsing, recorded_runs, row_of, short_run
from tests.tui.sources import screen_rows, shows, until

SLOW = pytest.mark.slow


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return recorded_runs(tmp_path / "runs")


@SLOW
async def test_hostile_runs_are_listed_without_harm(root):
    record(root / "\x1b[31mred\nline", small_run())
    (root / "alpha" / "run.json").write_text("{" * 1000)
    (root / "beta" / "labels.json").write_bytes(b"\xff\x00")
    noise = root / "noise"
    noise.mkdir()
    (noise / "events.out.tfevents.1").write_bytes(os.urandom(5000))
    (root / "pipe.tfevents").mkdir()
    os.mkfifo(root / "pipe.tfevents" / "events.out.tfevents.2")
    async with browsing(root, size=(160, 50)) as (app, pilot):
        await until(pilot, lambda: "damaged" in row_of(app, "alpha"))
        for _ in range(len(app._state.list.runs)):
            selected = app._state.list.selected
            await until(pilot, lambda path=selected: app._state.reading.previews.get(path) is not None)
            await pilot.press("down")
        assert not any("\x1b" in row for row in screen_rows(app))
        assert app.failure is None


@SLOW
async def test_a_failing_log_reader_is_one_sentence_and_other_runs_stay(root, monkeypatch):
    def fail(_: object) -> None:
        raise RuntimeError("broken\nreader")

    monkeypatch.setattr("jem_tui.tui.browser.run_preview.preview_of", fail)
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: shows(app, "RuntimeError: broken"))
        await pilot.press("down")
        await until(pilot, lambda: row_of(app, "beta") != "")


@pytest.mark.parametrize(
    "size", [(80, 24), *(pytest.param(size, marks=SLOW) for size in [(40, 10), (60, 20), (120, 35), (250, 70)])]
)
async def test_every_size_is_drawn(root, size):
    async with browsing(root, size=size) as (app, pilot):
        await until(pilot, lambda: row_of(app, "alpha") != "" or size[0] < 60)
        await pilot.press("p", "s", "space", "p", "question_mark", "escape", "T")
        assert app.failure is None


@SLOW
async def test_thousands_of_runs_stay_responsive(tmp_path):
    first = short_run(tmp_path / "run-0000")
    files = list(first.iterdir())
    for number in range(1, 1500):
        folder = tmp_path / f"run-{number:04}"
        folder.mkdir()
        for file in files:
            os.link(file, folder / file.name)
    async with browsing(tmp_path) as (app, pilot):
        await until(pilot, lambda: len(app._state.list.runs) == 1500)
        await pilot.press("s", "s", "s", "end")
        await until(pilot, lambda: row_of(app, "run-1499") != "")
        await pilot.press("slash", *"0777")
        await until(pilot, lambda: shows(app, "1 of 1,500 runs"))
