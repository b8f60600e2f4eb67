"""Text snapshots of whole screens, to be reviewed as pictures: `tests/tui/snapshots/*.txt`.

After an intended change, run `UPDATE_SNAPSHOTS=1 pytest tests/tui/screens/test_snapshots.py` and review the difference.
Tiles are drawn in braille (`NO_COLOR`), so that a text shows them.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2
from textual.pilot import Pilot

from jem_tui.events.commands import Command, SampleNow
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE, Event, Note, ReportProgress, Samples, StepDone, Stopped, Wait
from jem_tui.stream.replay.replayer import Replayer
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import EventFileWriter
from jem_tui.tui.app import JemApp
from jem_tui.tui.charts.charts_pane import ChartsPane
from jem_tui.tui.charts.panel_charts import PanelCharts
from jem_tui.tui.repaint.scheduler import RepaintScheduler
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.terminal.resource_usage import ResourceMeter
from tests.tui.sources import BATCH, run_started, screen_rows, shows, until

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
SIZE, LARGE = (80, 24), (120, 35)
STEPS = 240


@pytest.fixture(autouse=True)
def fixed_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Fix what a screen displays of its surroundings: colours, preferences, folders, time zone, resources and cost."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("JEM_TUI_CONFIG_DIR", str(tmp_path / "preferences"))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ResourceMeter, "read", lambda meter: None)
    monkeypatch.setattr(RepaintScheduler, "cost", None)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def ring_tiles(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return tiles of rings that grow from tile to tile; shape (count, 28, 28, 1)."""
    row, column = np.mgrid[:28, :28] - 13.5
    radius = np.hypot(row, column)
    rings = [np.abs(radius - 3 - index % 9) < 1.5 for index in range(count)]
    return (np.stack(rings)[..., None] * 255).astype(np.uint8)


def chains(step: int, count: int = 30, requested: bool = False) -> Samples:
    """Return samples of rings whose energy, age, class and confidence vary along the chains."""
    index = np.arange(count)
    return Samples(
        step=step,
        images=step * BATCH,
        time=float(step),
        tiles=ring_tiles(count),
        energy=(-2.0 - index / 10).astype(np.float32),
        age=index * 20,
        predicted=index % 10,
        confidence=np.linspace(0.5, 1.0, count).astype(np.float32),
        reseeds=np.zeros(count, np.int64),
        requested=requested,
    )


def training_events(slope: float = 1.0) -> Iterator[Event]:
    """Yield the events of a run whose losses fall like a power of the step."""
    yield run_started(total=1000, config={"buffer": {"size": 10_000}, "sgld": {"steps": 20}})
    for step in range(1, STEPS + 1):
        ripple = 0.1 * math.sin(step * slope)
        metrics = {TOTAL: 3 / step**0.3 + ripple, NRG: 0.5 / step, XE: 2 / step**0.5, ACCURACY: 1 - 0.9 / step**0.4}
        metrics |= {"JEM/energy_data": -2.0 + ripple, "JEM/energy_samples": -2.2 + 2 * ripple}
        yield StepDone(step=step, images=step * BATCH, time=float(step), epoch=(step - 1) // 100, metrics=metrics)
        if step % 100 == 0:
            text = f"checkpoint saved: step {step}"
            yield Note(step=step, images=step * BATCH, time=float(step), text=text, kind="checkpoint")
    yield chains(STEPS)


class ScriptedRun:
    """Source that emits the events of a run at once and then waits for commands."""

    def events(self) -> Generator[Event | Wait, None, None]:
        yield from training_events()
        while True:
            yield Wait(math.inf)

    def apply(self, command: Command) -> Iterator[Event]:
        if isinstance(command, SampleNow):
            yield chains(STEPS, requested=True)


def recorded_run(folder: Path, slope: float) -> Path:
    """Record a run of `training_events` in a new folder."""
    folder.mkdir()
    writer = EventFileWriter(folder, now=lambda: 0.0)
    end = Stopped(step=STEPS, images=STEPS * BATCH, time=float(STEPS), reason="finished")
    for event in [*training_events(slope), end]:
        writer.append(codec.encode(event))
    writer.close()
    return folder


def foreign_log(folder: Path) -> Path:
    """Write a log of two scalars as another program would, with steps one second apart."""
    folder.mkdir()
    writer = EventFileWriter(folder, now=lambda: 0.0)
    for step in range(1, 201):
        values = [("train/loss", 2 / step**0.5), ("val/accuracy", 1 - 1 / step**0.5)]
        summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=y) for tag, y in values])
        writer.append(event_pb2.Event(wall_time=1000.0 + step, step=step, summary=summary))
    writer.close()
    return folder


def scripted_app() -> JemApp:
    def open_source(report: ReportProgress) -> ScriptedRun:
        return ScriptedRun()

    return JemApp(RunHandle(driving(open_source, lambda event: None)), label="snapshot", run_dir="runs/snapshot")


def replay_app(*folders: Path) -> JemApp:
    return JemApp(RunHandle(driving(lambda report: Replayer(folders, speed=1.0), lambda event: None)), label="replay")


def at_the_end(app: JemApp) -> bool:
    """Return whether the last event of the scripted run is in the state and the charts are displayed."""
    run = app.state.run if app.state is not None else None
    return run is not None and run.step == STEPS and run.samples is not None and shows(app, TOTAL)


async def check_snapshot(pilot: Pilot[Stopped], name: str, condition: Callable[[], bool]) -> None:
    """Compare the screen with a stored text once `condition` holds, or store the screen if updates are requested."""
    app = pilot.app
    assert isinstance(app, JemApp)
    await until(pilot, condition)
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(await settled_screen(pilot, app, None))
    expected = path.read_text()
    found = await settled_screen(pilot, app, expected)
    assert found == expected, f"the screen differs from {path.name}; see the docstring of this module to update it"


async def settled_screen(pilot: Pilot[Stopped], app: JemApp, expected: str | None) -> str:
    """Return the screen, drawn repeatedly until it equals `expected` or ten drawings have passed.

    The scales of y axes depend on earlier drawings, so they are fitted again.
    """
    assert isinstance(app.screen, RunScreen) and app.state is not None and app.state.run is not None
    charts = app.screen.query_one(ChartsPane)
    charts._drawn = PanelCharts()
    found = ""
    for _ in range(10):
        app.screen.draw_everything()
        charts.draw(app.state.run)
        await pilot.pause(0.05)
        found = "\n".join(row.rstrip() for row in screen_rows(app)) + "\n"
        if found == expected:
            break
    return found


async def test_a_live_run_looks_like_its_snapshot() -> None:
    app = scripted_app()
    async with app.run_test(size=LARGE) as pilot:
        await check_snapshot(pilot, "live_run", lambda: at_the_end(app))


async def test_a_paused_run_looks_like_its_snapshot() -> None:
    app = scripted_app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: at_the_end(app))
        await pilot.press("p")
        await check_snapshot(pilot, "paused_run", lambda: shows(app, "PAUSED"))


async def test_a_replay_of_two_runs_looks_like_its_snapshot() -> None:
    app = replay_app(recorded_run(Path("steady"), 1.0), recorded_run(Path("wavy"), 0.1))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("end")
        await check_snapshot(pilot, "replay_of_two_runs", lambda: shows(app, "ENDED"))


async def test_a_foreign_log_looks_like_its_snapshot() -> None:
    app = replay_app(foreign_log(Path("log")))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("end")
        await check_snapshot(pilot, "foreign_log", lambda: shows(app, "ENDED"))
