"""Fake sources for tests of the screen, and helpers that wait for a running app and read its text."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
from textual.pilot import Pilot

from jem_tui.errors import JemError
from jem_tui.events.commands import (
    Adjust,
    Command,
    EvaluateNow,
    Reseed,
    RollBack,
    SampleNow,
    SaveNow,
    Seek,
    Speed,
    UndoRestart,
)
from jem_tui.events.run import (
    ACCURACY,
    NRG,
    TOTAL,
    XE,
    Adjusted,
    Evaluated,
    Event,
    Note,
    RankStates,
    ReportProgress,
    RunStarted,
    Samples,
    SpeedChanged,
    StepDone,
    Wait,
)
from jem_tui.tui.app import JemApp
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.wait_until import PATIENCE

BATCH = 64
TRAINING = frozenset({"reseed", "undo", "save", "adjust", "evaluate", "rollback"})
REPLAYING = frozenset({"seek", "speed"})


def run_started(step: int = 0, total: int = 1000, activity: str = "training", **changes: Any) -> RunStarted:
    facts: dict[str, Any] = {
        "config": {"buffer": {"size": 10_000}},
        "device": "cpu",
        "seed": 7,
        "parameters": 126_730,
        "tile_shape": (28, 28, 1),
        "class_names": tuple("0123456789"),
        "total_steps": total,
        "steps_per_epoch": 100,
        "run_dir": "runs/2026-11-23_1812-mnist-mini-3f9c",
        "activity": activity,
        "abilities": TRAINING if activity == "training" else REPLAYING,
    }
    return RunStarted(step=step, images=step * BATCH, time=0.0, **facts | changes)


def step_done(step: int, at: float | None = None, **metrics: float) -> StepDone:
    known = {TOTAL: 1.0 + 1 / step, NRG: 0.5 / step, XE: 1.0, ACCURACY: 0.5}
    return StepDone(
        step=step,
        images=step * BATCH,
        time=float(step) if at is None else at,
        epoch=(step - 1) // 100,
        metrics=known | metrics,
    )


def samples(step: int, count: int = 20, requested: bool = False) -> Samples:
    rng = np.random.default_rng(step)
    tiles = rng.integers(0, 256, (count, 28, 28, 1), dtype=np.uint8)
    return Samples(
        step=step,
        images=step * BATCH,
        time=float(step),
        tiles=tiles,
        energy=np.zeros(count, np.float32),
        age=np.zeros(count, np.int64),
        predicted=np.zeros(count, np.int64),
        confidence=np.ones(count, np.float32),
        reseeds=np.zeros(count, np.int64),
        requested=requested,
    )


def rank_states(step: int, size: int = 8, **changes: Any) -> RankStates:
    """Make the states of ranks on hosts of eight: rank 1 is slow, and the last of more than three deviates in its mean energy."""
    return RankStates(
        **{
            "step": step,
            "images": step * BATCH,
            "time": float(step),
            "hosts": tuple(f"node{rank // 8:02}" for rank in range(size)),
            "devices": ("NVIDIA H100",) * size,
            "images_per_second": tuple(1390.0 if rank == 1 else 2100.0 + rank for rank in range(size)),
            "energy": tuple(-3.25 - rank % 8 / 100 + 9 * (rank == size - 1 > 2) for rank in range(size)),
            "waiting": tuple(0.01 if rank == 1 else 0.34 + rank / 1000 for rank in range(size)),
            "memory": (61 << 30,) * size,
            "memory_total": (80 << 30,) * size,
            **changes,
        }
    )


class FakeSource:
    """A source of `total` steps, `pause` seconds apart, that keeps the commands it received in `commands`."""

    def __init__(
        self, *, total: int = 100_000, pause: float = 0.002, activity: str = "training", error: JemError | None = None
    ) -> None:
        self.step = 0
        self.commands: list[Command] = []
        self.closed = threading.Event()
        self.opened_on = ""
        self.may_step = threading.Event()
        """Cleared to keep the source from its next step."""
        self.may_step.set()
        self._total = total
        self._pause = pause
        self._activity = activity
        self._error = error

    def open(self, report: ReportProgress) -> FakeSource:
        report("building a fake", 0.5)
        self.opened_on = threading.current_thread().name
        return self

    def events(self) -> Generator[Event | Wait, None, None]:
        try:
            yield run_started(self.step, self._total, self._activity)
            yield samples(self.step)
            while self.step < self._total:
                time.sleep(self._pause)
                self.may_step.wait(PATIENCE)
                self.step += 1
                yield step_done(self.step)
                if self._error is not None and self.step == 3:
                    raise self._error
            while self._activity == "replaying":
                if self.step >= self._total:
                    yield Note(step=self.step, images=self.step * BATCH, time=0.0, text="end", kind="end")
                yield Wait(math.inf)
        finally:
            self.closed.set()

    def apply(self, command: Command) -> Iterator[Event]:
        self.commands.append(command)
        where: dict[str, Any] = {"step": self.step, "images": self.step * BATCH, "time": float(self.step)}
        match command:
            case Reseed():
                yield Note(**where, text="restarted all chains", kind="reseed")
            case UndoRestart():
                yield Note(**where, text="undid the restart", kind="reseed")
            case SaveNow():
                yield Note(**where, text="checkpoint saved", kind="checkpoint")
            case SampleNow():
                yield samples(self.step, requested=True)
            case Adjust(name=name):
                yield Adjusted(**where, name=name, old=1.0, new=1.25)
            case EvaluateNow():
                yield Evaluated(**where, split="validation", scores={"accuracy": 0.97})
            case RollBack():
                yield Note(**where, text="there is no checkpoint to roll back to", kind="warning")
            case Speed(factor=factor):
                yield SpeedChanged(**where, speed=factor)
            case Seek(step=step):
                yield from self._jump(step)

    def finish(self) -> None:
        """Make the next step the last one."""
        self._total = self.step + 1

    def commands_of(self, kind: type) -> list[Command]:
        return [command for command in self.commands if isinstance(command, kind)]

    def _jump(self, step: int) -> Iterator[Event]:
        self.step = step
        yield run_started(0, self._total, self._activity)
        yield from (step_done(s) for s in range(1, step + 1))


def jem_app(source: FakeSource, record: Callable[[Event], None] = lambda event: None) -> JemApp:
    return JemApp(
        RunHandle(driving(source.open, record)),
        label="fake · conv · fast",
        run_dir="runs/2026-11-23_1812-mnist-mini-3f9c",
    )


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Run the app until `condition` holds; fail after `PATIENCE` seconds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        await pilot.pause(0.05)


def text_of(app: JemApp, selector: str) -> str:
    """Return the displayed text of a widget, row by row; empty before the widget is mounted."""
    found = [widget for screen in app.screen_stack for widget in screen.query(selector)]
    return "\n".join(widget.render_line(y).text for widget in found for y in range(widget.size.height))


def badge(app: JemApp) -> str:
    """Return the word in the badge of the header."""
    return text_of(app, "#header").split()[1]


def screen_rows(app: JemApp) -> list[str]:
    """Return the text of every row of the terminal."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in lines[y]) if y < len(lines) else " " * width for y in range(height)]


def shows(app: JemApp, text: str) -> bool:
    return any(text in row for row in screen_rows(app))
