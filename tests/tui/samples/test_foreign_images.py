"""Pictures of a foreign log on the screen, with their tags and steps."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from jem_tui.cli.export import screen
from jem_tui.cli.open_replayer import replayer_opener
from jem_tui.cli.screens.replay_screen import discard
from jem_tui.events.run import StepDone
from jem_tui.tui.app import JemApp
from jem_tui.tui.charts.panels import panels_of
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.state.run_view import RunView
from tests.tui.sources import run_started, screen_rows, shows, text_of, until

TAGS = ("input/image/0", "recon/image/0", "large")


async def shown_within(seconds: float, pilot: Pilot[Any], condition: Callable[[], bool]) -> bool:
    """Return whether `condition` holds within some seconds."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        await pilot.pause(0.05)
    return condition()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "log"
    writer = pytest.importorskip("torch.utils.tensorboard").SummaryWriter(str(folder))
    random = np.random.default_rng(0)
    for step in (1000, 4000):
        writer.add_scalar("loss", 1 / step, step)
        for tag in TAGS[:2]:
            writer.add_image(tag, random.random((3, 8, 8 + step // 1000)), step)
    writer.add_image("large", np.zeros((1, 4000, 5000), np.uint8), 4000)
    writer.close()
    return folder


@pytest.fixture
def log(written: Path, tmp_path: Path) -> Path:
    """Return a log that no other test has read: readers write a log cache into its folder."""
    return shutil.copytree(written, tmp_path / "log")


async def test_each_tag_is_displayed_with_its_step_and_selected_by_a_key(log: Path):
    app = JemApp(RunHandle(driving(replayer_opener([log], 1000.0), discard)), label="x")
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "tag 1 of 3") and "ENDED" in text_of(app, "#header"))
        for tag in (*TAGS, TAGS[0]):
            await until(pilot, lambda tag=tag: shows(app, tag) and shows(app, "4,000"))
            await pilot.press("t")
        await until(pilot, lambda: shows(app, TAGS[1]))


async def test_a_picture_that_cannot_be_drawn_is_replaced_by_the_reason(log: Path):
    app = JemApp(RunHandle(driving(replayer_opener([log], 1000.0), discard)), label="x")
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "tag 1 of 3") and "ENDED" in text_of(app, "#header"))
        await pilot.press("t")
        await until(pilot, lambda: shows(app, TAGS[1]))
        await pilot.press("t")
        await until(pilot, lambda: shows(app, "5000×4000 pixels are too many to be drawn"))
        assert not shows(app, "no samples")


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 60)])
async def test_facts_missing_from_the_log_are_not_displayed(log: Path, size: tuple[int, int]):
    app = JemApp(RunHandle(driving(replayer_opener([log], 1000.0), discard)), label="x")
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "ENDED" in text_of(app, "#header"))
        await until(pilot, lambda: "4,000" in text_of(app, "#header"))
        rows = "\n".join(screen_rows(app))
        for word in ("replay buffer", "chains", "seed", "epoch", "images"):
            assert word not in rows


def test_an_exported_screen_shows_the_end_of_the_recording(log: Path, tmp_path: Path):
    screen(log, tmp_path)
    drawn = (tmp_path / "screen.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    for words in ("ENDED", "4,000", "input/image/0"):
        assert words in drawn


@pytest.mark.parametrize("tag", ["[/red]x[b", "👩‍👩‍👧 長い", "שלום", "a" * 3000, "\x1b[2J"])
async def test_any_tag_name_is_displayed(tmp_path: Path, tag: str):
    writer = pytest.importorskip("torch.utils.tensorboard").SummaryWriter(str(tmp_path))
    writer.add_scalar("loss", 1.0, 1)
    writer.add_image(tag, np.zeros((3, 8, 9)), 1)
    writer.add_image("other", np.zeros((1, 3, 4)), 1)
    writer.close()
    app = JemApp(RunHandle(driving(replayer_opener([tmp_path], 1000.0), discard)), label="x")
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "ENDED" in text_of(app, "#header"))
        # with two tags, a second key undoes the first one: the next key waits for the tag of this one
        for _ in range(3):
            await pilot.press("t")
            if await shown_within(5, pilot, lambda: shows(app, "other")):
                return
        pytest.fail("no key has displayed the other tag")


async def test_compared_logs_switch_their_tag_together(log: Path, tmp_path: Path):
    second = tmp_path / "second"
    second.symlink_to(log)
    app = JemApp(RunHandle(driving(replayer_opener([log, second], 1000.0), discard)), label="x")
    async with app.run_test(size=(160, 50)) as pilot:
        await until(pilot, lambda: "ENDED" in text_of(app, "#header"))
        await until(pilot, lambda: sum(row.count("input/image/0 · step 4,000") for row in screen_rows(app)) == 2)
        await pilot.press("t")
        await until(pilot, lambda: sum(row.count("recon/image/0 · step 4,000") for row in screen_rows(app)) == 2)
        assert not shows(app, "chain 1") and not shows(app, "nan")
        await pilot.press("5")
        await until(pilot, lambda: shows(app, "step     4,000"))
        assert not shows(app, "chain 1") and not shows(app, "nan")


async def test_a_log_without_curves_displays_a_message_and_seeks(tmp_path: Path):
    writer = pytest.importorskip("torch.utils.tensorboard").SummaryWriter(str(tmp_path))
    for step in (100, 200, 700):
        writer.add_image("x", np.zeros((1, 4, 4 + step)), step)
    writer.close()
    app = JemApp(RunHandle(driving(replayer_opener([tmp_path], 1000.0), discard)), label="x")
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "ENDED" in text_of(app, "#header") and shows(app, "this log has no curves"))
        assert "700" in text_of(app, "#header")
        await until(pilot, lambda: not shows(app, "waiting for the first step"))
        await pilot.press("left")
        await until(pilot, lambda: shows(app, "step 200"))
        await pilot.press("home")
        await until(pilot, lambda: shows(app, "step 100"))


def test_a_foreign_log_has_main_panels_only_with_data():
    run = RunView(run_started(activity="replaying"))
    run.foreign = True
    run.add_step(StepDone(step=1, images=1, time=1.0, epoch=1, metrics={"JEM/total": 1.0, "x": 2.0}), timed=True)
    assert [panel.title for panel in panels_of(run)] == ["JEM/total", "x"]
