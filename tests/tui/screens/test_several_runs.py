"""The screen of several runs: its summary and its folder are those of the leading run, which need not be the first."""

from __future__ import annotations

import shutil
from pathlib import Path

from jem_tui.stream.replay.replayer import Replayer
from jem_tui.tui.app import JemApp
from jem_tui.tui.draw.draw_screen import DrawScreen
from jem_tui.tui.screens.summary_screen import SummaryScreen
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.stream.stream_events import record, small_run, started, step_done, stopped
from tests.tui.draw.fake_drawings import FakeDrawings, fake_access
from tests.tui.sources import until

DEMO = Path(__file__).parents[3] / "results" / "demo"


def compared_app(tmp_path: Path) -> JemApp:
    short = [started(total_steps=3), *(step_done(step, 5.0) for step in range(1, 4)), stopped(3)]
    folders = [record(tmp_path / "short", short), record(tmp_path / "long", small_run(10))]
    run = RunHandle(driving(lambda report: Replayer(folders, speed=1000.0), lambda event: None))
    run.drawing = fake_access(FakeDrawings())
    return JemApp(run, label="replay", run_dir=str(folders[0]))


async def test_summary_copied_path_and_pictures_are_those_of_the_leading_run(tmp_path: Path):
    app = compared_app(tmp_path)
    for name in ("short", "long"):
        shutil.copy(DEMO / "run.json", tmp_path / name)
        (tmp_path / name / "model.npz").touch()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.state is not None and app.state.run is not None and app.state.run.ended)
        await pilot.press("Y", "E")
        await until(pilot, lambda: isinstance(app.screen, SummaryScreen))
        assert app._clipboard == str(tmp_path / "long") == app.picture_place.run_dir
        assert isinstance(app.screen, SummaryScreen)
        lines = [command.line for command in app.screen._summary.commands]
    assert lines and all(str(tmp_path / "long") in line for line in lines)


async def test_no_model_of_another_run_scores_a_drawing(tmp_path: Path):
    app = compared_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.state is not None and app.state.run is not None and app.state.run.ended)
        await pilot.press("D")
        await until(pilot, lambda: any("several runs" in notice.message for notice in app._notifications))
        assert not isinstance(app.screen, DrawScreen)
