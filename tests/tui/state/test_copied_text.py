"""Text that is copied from each pane."""

from __future__ import annotations

import base64
import os

import numpy as np
import pytest

from jem_tui.events.recording import Histogram
from jem_tui.events.run import Assessed, Energies, Note
from jem_tui.tui.panes.workspace import Workspace
from jem_tui.tui.preferences.pane_layout import PANES
from jem_tui.tui.state.copied_text import ChartCursor, Copied, copied_from
from jem_tui.tui.state.run_state import RunState
from tests.tui.sources import BATCH, FakeSource, jem_app, rank_states, run_started, samples, shows, step_done, until

NEWEST = ChartCursor("steps", None)


@pytest.fixture
def state() -> RunState:
    """A run after three steps, with samples, energies, ranks and a note."""
    state = RunState()
    place = {"step": 3, "images": 3 * BATCH, "time": 3.0}
    counts = np.array([1, 2])
    for event in (
        run_started(),
        *(step_done(step) for step in (1, 2, 3)),
        samples(3, count=2),
        Energies(**place, edges=np.array([0.0, 0.5, 1.0]), data=counts, samples=counts + 1),
        rank_states(3, 2),
        Note(**place, text="a\tb", kind="info"),
    ):
        state.apply(event)
    return state


def rows(copied: Copied) -> list[list[str]]:
    return [line.split("\t") for line in copied.text.splitlines()]


def test_curves_are_copied_at_the_cursor_or_the_newest_point(state):
    newest = {row[0]: row[1:] for row in rows(copied_from("curves", NEWEST, state, ""))}
    assert newest["metric"] == ["step", "images", "value"]
    assert newest["JEM/total"] == ["3", "192", "1.33333333"]
    at_cursor = {row[0]: row[1:] for row in rows(copied_from("curves", ChartCursor("steps", 1.2), state, ""))}
    assert at_cursor["JEM/total"] == ["1", "64", "2"]


@pytest.mark.parametrize(
    ("pane", "first", "last"),
    [
        ("samples", ["chain", "energy"], ["2", "0"]),
        ("chain", ["chain", "energy"], ["2", "0"]),
        ("distributions", ["from", "to", "data", "samples"], ["0.5", "1", "2", "3"]),
        ("ranks", ["rank", "host", "device"], ["1", "node00", "NVIDIA H100"]),
        ("notes", ["step", "kind", "text"], ["3", "info", "a b"]),
    ],
)
def test_panes_are_copied_as_tables(state, pane, first, last):
    table = rows(copied_from(pane, NEWEST, state, ""))
    assert table[0][: len(first)] == first and table[-1][: len(last)] == last
    assert len({len(row) for row in table}) == 1


def test_scores_of_an_evaluation_are_copied_below_the_histograms(state):
    place = {"step": 3, "images": 3 * BATCH, "time": 3.0}
    bins = {"confidence": (0.5, 0.75), "accuracy": (0.25, 1.0), "share": (0.125, 0.875)}
    state.apply(Assessed(**place, split="validation", auroc={"noise": 0.75}, **bins))
    table = rows(copied_from("distributions", NEWEST, state, ""))
    assert table[0] == ["from", "to", "data", "samples"]
    assert ["noise", "0.75"] in table and table[-1] == ["0.75", "1", "0.875"]
    assert table.count([""]) == 2


def test_histograms_of_a_foreign_log_are_copied(state):
    place = {"step": 3, "images": 3, "time": 3.0}
    state.apply(Histogram(**place, tag="weights", edges=np.array([0.0, 0.5, 1.0]), counts=np.array([2.0, 7.0])))
    state.run.energies = None
    table = rows(copied_from("distributions", NEWEST, state, ""))
    assert table == [["tag", "from", "to", "count"], ["weights", "0", "0.5", "2"], ["weights", "0.5", "1", "7"]]


def test_diagnostics_of_the_sampler_are_copied_with_their_steps(state):
    state.apply(step_done(4, **{"sgld/clipped": 0.25}))
    state.apply(step_done(5))
    table = rows(copied_from("sampler", NEWEST, state, ""))
    assert table[0] == ["metric", "step", "value"]
    assert ["sgld/clipped", "4", "0.25"] in table


async def test_every_shown_pane_can_have_the_focus_from_which_values_are_copied():
    app = jem_app(FakeSource())
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        workspace = app.screen.query_one(Workspace)
        focused: list[str | None] = []
        for _ in workspace.shown:
            await pilot.press("tab")
            assert app.focused is not None
            focused += [node.id for node in app.focused.ancestors_with_self if node.id in PANES]
        assert focused == list(workspace.shown) and {"distributions", "chain"} <= {*focused}


def test_the_path_is_copied_without_a_focus_or_values(state):
    assert copied_from("", NEWEST, state, "runs/x") == Copied("the path of the run", "runs/x")
    assert copied_from("console", NEWEST, state, "runs/x").text == "runs/x"


@pytest.mark.parametrize("tmux", [False, True])
async def test_a_key_copies_from_the_focused_pane(monkeypatch, tmux):
    (monkeypatch.setenv if tmux else monkeypatch.delenv)("TMUX", *(["/tmp/x"] if tmux else [False]))
    app = jem_app(FakeSource())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        written: list[str] = []
        monkeypatch.setattr(app._driver, "write", written.append)
        await pilot.press("Y")
        code = base64.b64encode(app._run_dir.encode()).decode()
        await until(pilot, lambda: any(text == f"\x1b]52;c;{code}\a" for text in written))
        assert any(text.startswith("\x1bPtmux;") for text in written) is tmux
        app.screen.query_one("#curves").focus()
        await pilot.press("Y")
        await until(pilot, lambda: app._clipboard.startswith("metric\tstep"))


async def test_a_path_of_bytes_that_are_no_text_is_copied_as_escapes(monkeypatch):
    app = jem_app(FakeSource())
    async with app.run_test(size=(80, 24)):
        written: list[str] = []
        monkeypatch.setattr(app._driver, "write", written.append)
        app.copy_to_clipboard(os.fsdecode(b"runs/\xe9"))
    code = base64.b64encode(rb"runs/\udce9").decode()
    assert f"\x1b]52;c;{code}\a" in written
