"""Cost of one full repaint of the screen: 200×60 cells, 100,000 points in each of eight panels, a hundred tiles.

python -m benchmarks.repaint [ROUNDS]
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Generator, Iterator
from statistics import median
from time import thread_time

import numpy as np

from benchmarks.report import Row, markdown
from jem_tui.events.event import At, AtFields
from jem_tui.events.recording import Points, StepBatch
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE, Event, RunStarted, Samples, StepDone, Wait
from jem_tui.tui.app import JemApp
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.state.run_handle import RunHandle, driving

SIZE = (200, 60)
POINTS, TILES, BATCH = 100_000, 100, 64
TAGS = (TOTAL, NRG, XE, ACCURACY, "JEM/energy_data", "JEM/sgld_grad_norm", "JEM/images_per_second", "JEM/rate")
AIM = 0.040
WARM_UP = 5


class StaticSource:
    """A source that emits a long history at once, then waits."""

    def events(self) -> Generator[Event | Wait]:
        """Yield the start of a run, its history and its chains."""
        yield started()
        yield history()
        yield chains(POINTS)
        while True:
            yield Wait(1.0)

    def apply(self, command: object) -> list[Event]:
        """Ignore every command."""
        return []


def at(step: int) -> AtFields:
    """Return step, images and time of an event."""
    return At(step, step * BATCH, step / 10).fields()


def started() -> RunStarted:
    """Return the start of a run on digits."""
    return RunStarted(
        **at(0),
        config={"buffer": {"size": 10_000}},
        device="cpu",
        seed=0,
        parameters=1,
        tile_shape=(28, 28, 1),
        class_names=tuple("0123456789"),
        total_steps=2 * POINTS,
        steps_per_epoch=1_000,
        run_dir="",
    )


def history() -> StepBatch:
    """Return a history of noise around decreasing curves for each metric."""
    rng = np.random.default_rng(0)
    steps = np.arange(1, POINTS + 1)
    points = {
        tag: Points(steps, steps * BATCH, steps / 10, 3 / np.sqrt(steps) + 0.1 * rng.standard_normal(POINTS))
        for tag in TAGS
    }
    return StepBatch(**at(POINTS), epoch=100, metrics=dict.fromkeys(TAGS, 0.0), points=points)


def chains(step: int) -> Samples:
    """Return random images, so that every cell changes."""
    rng = np.random.default_rng(step)
    return Samples(
        **at(step),
        tiles=rng.integers(0, 256, (TILES, 28, 28, 1), dtype=np.uint8),
        energy=rng.standard_normal(TILES).astype(np.float32),
        age=rng.integers(0, 1000, TILES),
        predicted=rng.integers(0, 10, TILES),
        confidence=rng.random(TILES, dtype=np.float32),
        reseeds=np.zeros(TILES, np.int64),
    )


async def costs(rounds: int) -> list[float]:
    """Measure the processor seconds of each repaint after every pane has new data: charts, tiles, layout and terminal codes."""
    rng = np.random.default_rng(1)
    app = JemApp(RunHandle(driving(lambda report: StaticSource(), lambda event: None)), label="repaint")
    async with app.run_test(size=SIZE) as pilot:
        while (
            not isinstance(app.screen, RunScreen)
            or app.state is None
            or app.state.run is None
            or not app.state.run.samples
        ):
            await pilot.pause(0.05)
        screen, found = app.screen, []
        for step in range(POINTS + 1, POINTS + 1 + WARM_UP + rounds):
            await pilot.pause(0.3)
            metrics = dict(zip(TAGS, (0.1 * rng.standard_normal(len(TAGS))).tolist(), strict=True))
            app.state.apply(StepDone(**at(step), epoch=100, metrics=metrics))
            app.state.apply(chains(step))
            began = thread_time()
            screen._draw_now()
            await pilot.pause()
            found.append(thread_time() - began)
        return found[WARM_UP:]


def rows(rounds: int) -> Iterator[Row]:
    """Measure the median and the spread of repaints."""
    os.environ["COLORTERM"] = "truecolor"
    measured = asyncio.run(costs(max(3, rounds)))
    yield Row(
        name=f"one full repaint at {SIZE[0]}×{SIZE[1]}, 8 panels of {POINTS:,} points, {TILES} tiles, ms",
        found=f"{median(measured) * 1e3:.1f} ({min(measured) * 1e3:.1f} … {max(measured) * 1e3:.1f})",
        aim=f"≤ {AIM * 1e3:.0f}",
        reached=median(measured) <= AIM,
    )


if __name__ == "__main__":
    print("\n".join(markdown(list(rows(int(sys.argv[1]) if len(sys.argv) > 1 else 30)))))
