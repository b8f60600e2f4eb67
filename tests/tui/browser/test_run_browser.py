"""The run browser: its table, its preview, and its actions on runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jem_tui.stream.runs.moved_runs import TRASH
from jem_tui.stream.runs.run_dir import lock_run_dir, read_run_file, write_run_file
from jem_tui.stream.runs.run_labels import read_labels, write_labels
from jem_tui.tui.browser.browser_choice import LeaveBrowser, OpenRuns, ResumeRun
from jem_tui.tui.browser.browser_state import BrowserState
from jem_tui.tui.browser.prompt_screen import ChoiceScreen, PromptScreen
from jem_tui.tui.browser.run_columns import fitting_columns
from tests.tui.browser.browser_runs import browsing, noticed, recorded_runs, row_of, short_run
from tests.tui.sources import shows, until

SLOW = pytest.mark.slow


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return recorded_runs(tmp_path / "runs")


async def test_runs_are_listed_with_state_steps_accuracy_size_and_curve(root):
    async with browsing(root, size=(200, 50)) as (app, pilot):
        await until(pilot, lambda: "kB" in row_of(app, "alpha") and "▁" in row_of(app, "alpha"))
        row = row_of(app, "alpha")
        assert "finished" in row
        assert "97.12% val" in row
        assert shows(app, "eval acc") and not shows(app, " accuracy  ")
        await until(pilot, lambda: shows(app, "val acc 97.12%"))
        assert " 10 " in row


@SLOW
async def test_the_selected_run_is_previewed_with_curves_and_samples(root):
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: shows(app, "JEM/accuracy") and shows(app, "validation"))
        await pilot.press("down")
        selected = app._state.list.selected
        await until(pilot, lambda: app._state.reading.previews.get(selected) is not None)
        preview = app._state.reading.previews.get(selected)
        assert preview.samples is not None
        assert not preview.sentence


async def test_enter_opens_the_selected_run_and_q_leaves(root):
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        await pilot.press("down", "enter")
    assert app.return_value == OpenRuns((app._state.list.selected,))
    async with browsing(root, state=app._state) as (again, pilot):
        assert again._state.list.index == 1
        await pilot.press("q")
    assert again.return_value == LeaveBrowser()


async def test_a_folder_without_runs_says_what_to_do(tmp_path):
    async with browsing(tmp_path / "nothing") as (app, pilot):
        await until(pilot, lambda: shows(app, "jem-tui train"))
        assert shows(app, f"{tmp_path.name}/nothing yet.")
        assert shows(app, "jem-tui browse FOLDER")
        await pilot.press("enter", "space", "c", "e", "r", "t", "n", "x", "y", "o", "down", "end")
        assert len(app.screen_stack) == 1
        short_run(tmp_path / "nothing" / "first")
        app._state.reading.search_again()
        await until(pilot, lambda: bool(row_of(app, "first")))


async def test_new_and_changed_runs_are_followed(root):
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(row_of(app, "beta")))
        short_run(root / "gamma")
        write_run_file(root / "beta", replace(read_run_file(root / "beta"), status="diverged"))
        shutil.rmtree(root / "alpha")
        app._state.reading.search_again()
        await until(pilot, lambda: "diverged" in row_of(app, "beta") and row_of(app, "gamma") != "")
        assert row_of(app, "alpha") == ""


@SLOW
async def test_the_filter_finds_names_states_tags_and_notes(root):
    write_labels(root / "beta", ("baseline",), "low noise")
    async with browsing(root) as (app, pilot):
        for word in ("baseline", "noise", "BET"):
            await pilot.press("slash", *word)
            await until(pilot, lambda: shows(app, "1 of 2 runs") and row_of(app, "alpha") == "")
            await pilot.press("escape")
            await until(pilot, lambda: row_of(app, "alpha") != "")
        await pilot.press("slash", *"nowhere", "enter")
        await until(pilot, lambda: shows(app, "No run matches the filter."))
        await pilot.press("escape")
        await until(pilot, lambda: row_of(app, "alpha") != "")


async def test_a_run_is_tagged_and_renamed(root):
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        app._state.list.selected = root / "alpha"
        await pilot.press("t", *"good,k10", "down", *"low noise", "enter")
        await until(pilot, lambda: read_labels(root / "alpha").tags == ("good", "k10"))
        assert read_labels(root / "alpha").note == "low noise"
        await pilot.press("space")
        app._state.list.selected = root / "alpha"
        await pilot.press("n", "end", *"-2", "enter")
        await until(pilot, lambda: (root / "alpha-2").is_dir() and not isinstance(app.screen, PromptScreen))
        app._state.reading.search_again()
        await until(pilot, lambda: row_of(app, "alpha-2") != "")
        assert list(app._state.list.marked) == [root / "alpha-2"]


@SLOW
async def test_a_refusal_stays_in_the_dialog_as_a_sentence(root):
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        app._state.list.selected = root / "alpha"
        await pilot.press("n", "home", *(["delete"] * 5), *"beta", "enter")
        await until(pilot, lambda: shows(app, "already exists"))
        await pilot.press("escape")
        assert (root / "alpha").is_dir()


async def test_a_run_is_deleted_only_after_a_confirmation(root):
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        app._state.list.selected = root / "alpha"
        await pilot.press("x")
        await until(pilot, lambda: shows(app, "10 steps, an accuracy of 97.12%"))
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, ChoiceScreen))
        assert (root / "alpha").is_dir()
        await pilot.press("x", "t")
        await until(pilot, lambda: (root / TRASH / "alpha").is_dir() and row_of(app, "alpha") == "")


async def test_marked_runs_are_deleted_after_one_confirmation_that_lists_them(root):
    short_run(root / "gamma")
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: len(app._state.list.runs) == 3)
        app._state.list.marked = {root / "alpha": None, root / "beta": None}
        app._state.list.selected = root / "gamma"
        await pilot.press("x")
        await until(pilot, lambda: shows(app, "Delete the 2 marked runs?") and shows(app, "alpha: 10 steps"))
        assert shows(app, "beta: 10 steps")
        assert not shows(app, "for good")
        await pilot.press("t")
        await until(pilot, lambda: {path.name for path in (root / TRASH).glob("*")} == {"alpha", "beta"})
        await until(pilot, lambda: not app._state.list.marked)
        assert (root / "gamma").is_dir()


@SLOW
async def test_a_deletion_for_good_needs_the_name(root):
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        app._state.list.selected = root / "beta"
        await pilot.press("x", "x")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen))
        await pilot.press(*"alpha", "enter")
        await until(pilot, lambda: shows(app, "does not match"))
        assert (root / "beta").is_dir()
        await pilot.press(*(["backspace"] * 5), *"beta", "enter")
        await until(pilot, lambda: not (root / "beta").exists())
        assert not (root / TRASH).exists()


@pytest.mark.parametrize("key", ["x", *(pytest.param(key, marks=SLOW) for key in "nr")])
async def test_a_live_run_cannot_be_deleted_renamed_or_resumed(root, key):
    write_run_file(root / "alpha", replace(read_run_file(root / "alpha"), status="running"))
    lock = lock_run_dir(root / "alpha", new=False)
    try:
        async with browsing(root) as (app, pilot):
            await until(pilot, lambda: "live" in row_of(app, "alpha"))
            assert app._state.list.selected == root / "alpha"
            await pilot.press(key, *(["z", "enter"] if key == "n" else []))
            await until(pilot, lambda: noticed(app, "is still running") or shows(app, "Another run is writing into"))
            assert (root / "alpha").is_dir()
    finally:
        lock.release()


@SLOW
async def test_resumption_needs_a_checkpoint_and_takes_options(root):
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        app._state.list.selected = root / "alpha"
        await pilot.press("r")
        await until(pilot, lambda: noticed(app, "no checkpoint"))
        (root / "alpha" / "checkpoints").mkdir()
        (root / "alpha" / "checkpoints" / "step_000010.pt").touch()
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen))
        await pilot.press(*"--minutes '", "enter")
        await until(pilot, lambda: shows(app, "Could not read the options"))
        await pilot.press("backspace", *"3", "enter")
    assert app.return_value == ResumeRun(root / "alpha", ("--minutes", "3"))


@SLOW
async def test_the_output_of_an_evaluation_is_shown(root):
    """A run without a model makes the command fail at once, without torch."""
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        app._state.list.selected = root / "alpha"
        await pilot.press("e", *"--only nothing", "enter")
        await until(pilot, lambda: shows(app, "--only has no part named nothing"))
        await until(pilot, lambda: shows(app, "ended with exit code 2"))
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


def test_importing_the_browser_imports_neither_torch_nor_numpy():
    code = (
        "import sys, jem_tui.tui.browser.browser_app, jem_tui.cli.browsing.browse; "
        "print([m for m in ('torch', 'numpy', 'tensorboard') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_selection_stays_at_its_place_when_its_run_disappears(root):
    state = BrowserState(root)
    state.reading._scan()
    state.list.update(state.reading.runs)
    state.list.select(0)
    state.list.update(state.reading.runs[1:])
    assert state.list.index == 0
    state.list.update([])
    assert state.list.run is None


@pytest.mark.parametrize(
    ("width", "least_name", "columns"),
    [
        (119, 31, ("state", "steps", "accuracy", "curve", "size", "changed", "tags")),
        (79, 26, ("state", "steps", "accuracy", "curve")),
        (59, 16, ("state", "steps", "accuracy")),
    ],
)
def test_usual_names_are_whole_before_less_important_columns_are_displayed(width, least_name, columns):
    name, found = fitting_columns(width)
    assert name >= least_name and tuple(column.name for column in found) == columns
