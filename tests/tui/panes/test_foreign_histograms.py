"""The histograms of another program's log on the screen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jem_tui.cli.open_replayer import replayer_opener
from jem_tui.cli.screens.replay_screen import discard
from jem_tui.tui.app import JemApp
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.tui.sources import shows, text_of, until


@pytest.fixture
def log(tmp_path: Path) -> Path:
    writer = pytest.importorskip("torch.utils.tensorboard").SummaryWriter(str(tmp_path))
    for step in (1, 2):
        for tag in range(10, 26):
            writer.add_histogram(f"layer{tag}/weights", np.linspace(-1, tag * step, 50), step)
        writer.add_scalar("loss", 1 / step, step)
    writer.close()
    return tmp_path


async def test_as_many_as_fit_are_shown_and_the_others_are_scrolled_to(log: Path):
    app = JemApp(RunHandle(driving(replayer_opener([log], 1000.0), discard)), label="x")
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "layer10/weights") and "ENDED" in text_of(app, "#header"))
        await until(pilot, lambda: "−1 … 20, step 2" in text_of(app, "#distributions"))
        pane = app.screen.query_one("#distributions")
        shown = text_of(app, "#distributions").count("/weights")
        assert 1 < shown < 16 and pane.border_subtitle == f"1–{shown} of 16"
        app.screen.set_focus(pane)
        await pilot.press(*["down"] * 16)
        await until(pilot, lambda: "layer25/weights" in text_of(app, "#distributions"))
        assert pane.border_subtitle == f"{17 - shown}–16 of 16" and "layer10" not in text_of(app, "#distributions")
        await pilot.press(*["up"] * 16)
        await until(pilot, lambda: "layer10/weights" in text_of(app, "#distributions"))


@pytest.mark.parametrize("size", [(120, 35), (200, 60)])
async def test_empty_panes_are_hidden_until_they_are_chosen(log: Path, size):
    app = JemApp(RunHandle(driving(replayer_opener([log], 1000.0), discard)), label="x")
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "layer10/weights") and "ENDED" in text_of(app, "#header"))
        assert not shows(app, "replay buffer") and not shows(app, "no samples")
        await pilot.press("2")
        await until(pilot, lambda: shows(app, "this log has no images"))


async def test_a_log_of_numbers_alone_gives_the_curves_the_whole_width(tmp_path: Path):
    writer = pytest.importorskip("torch.utils.tensorboard").SummaryWriter(str(tmp_path))
    for step in range(5):
        writer.add_scalar("loss", 1 / (step + 1), step)
    writer.close()
    app = JemApp(RunHandle(driving(replayer_opener([tmp_path], 1000.0), discard)), label="x")
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "loss") and "ENDED" in text_of(app, "#header"))
        await until(pilot, lambda: app.screen.query_one("#curves").size.width > 110)
        await pilot.press("3")
        await until(pilot, lambda: shows(app, "the recording has no histograms up to this step"))
