"""Tags and curves of runs in the browser, and the key that draws an image for the model of a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jem_tui.cli.browsing import browse
from jem_tui.stream.runs.catalog import FoundRun
from jem_tui.stream.runs.run_labels import write_labels
from jem_tui.tui.browser.browser_choice import DrawImage
from jem_tui.tui.browser.run_columns import BARS, accuracy_cell
from jem_tui.tui.browser.run_preview import SPARK_POINTS
from tests.stream.stream_events import evaluated, record, started, step_done, stopped
from tests.tui.browser.browser_runs import browsing, noticed, recorded_runs, row_of
from tests.tui.sources import screen_rows, shows, until


async def test_drawing_needs_a_model(tmp_path):
    root = recorded_runs(tmp_path)
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        app._state.list.selected = root / "alpha"
        await pilot.press("D")
        await until(pilot, lambda: noticed(app, "no model that scores an image"))
        (root / "alpha" / "model.npz").touch()
        await pilot.press("D")
    assert app.return_value == DrawImage(root / "alpha")


async def test_tags_are_displayed_in_a_small_terminal(tmp_path):
    root = recorded_runs(tmp_path)
    write_labels(root / "alpha", ("baseline",), "")
    write_labels(root / "beta", ("baseline",), "")
    async with browsing(root, size=(80, 24)) as (app, pilot):
        await until(pilot, lambda: shows(app, "#baseline") and shows(app, "val acc 97.12%"))
        await until(pilot, lambda: "tag" in screen_rows(app)[-1])


async def test_curves_of_the_table_are_accuracies_of_batches_from_0_to_100_percent(tmp_path):
    root = recorded_runs(tmp_path)
    few = [started(), *(step_done(step, 0.95) for step in range(1, 13)), evaluated(6, 0.1), evaluated(12, 0.9)]
    record(root / "gamma", [*few, stopped(12)])
    async with browsing(root, size=(120, 35)) as (app, pilot):
        await until(pilot, lambda: BARS[-1] * SPARK_POINTS in row_of(app, "gamma"))
        assert shows(app, "acc curve")


@pytest.mark.parametrize(
    ("split", "shown"),
    [("validation", "97.12% val "), ("test", "97.12% test"), ("development", "97.12% d…nt"), (None, "97.12%     ")],
)
def test_the_table_names_the_images_of_an_accuracy_in_one_width(split, shown):
    found = FoundRun(path=Path("run"), state="finished", updated=0.0, accuracy=0.97123, accuracy_split=split)
    assert accuracy_cell(found) == shown
    assert len(accuracy_cell(replace(found, accuracy=0.99991))) == len(shown)
    assert accuracy_cell(replace(found, accuracy=0.9999999)) == "99.99999%"


def test_the_draw_screen_is_a_command_in_the_same_terminal(tmp_path, monkeypatch):
    commands: list[list[str]] = []
    monkeypatch.setattr(browse, "run_command", lambda words: bool(commands.append(words)))
    assert not browse.carried_out(DrawImage(tmp_path))
    assert commands == [["draw", str(tmp_path)]]
