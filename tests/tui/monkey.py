"""A monkey for the screen: random keys, clicks, wheel, drags, resizes and events, and invariants that are checked after each input."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from textual.events import MouseMove, MouseScrollDown, MouseScrollUp
from textual.pilot import OutOfBounds, Pilot

from jem_tui.events.commands import Command, Reseed, SampleNow, SaveNow
from jem_tui.events.run import (
    NRG,
    TOTAL,
    XE,
    Adjusted,
    Assessed,
    Diverged,
    Energies,
    Evaluated,
    Event,
    Note,
    ReportProgress,
    Rewound,
    Samples,
    StepDone,
    Wait,
)
from jem_tui.tui.app import JemApp
from jem_tui.tui.keys import KEYS
from jem_tui.tui.screens.quit_screen import QuitScreen
from jem_tui.tui.state.run_handle import RunHandle
from jem_tui.tui.state.run_state import RunState
from tests.tui.sources import BATCH, run_started

SIZES = ((60, 20), (80, 24), (120, 35), (200, 60), (40, 12), (1, 1), (61, 19), (300, 20))
ODD_VALUES = (0.0, -3.0, 1e-300, 1e300, -1e300, math.nan, math.inf, -math.inf)
ODD_NAMES = (
    "🐱 cat",
    "كلب",
    "e\u0301" * 20,
    "[/]",
    "[bold]x",
    "\u202eabc",
    "日本語",
    "x" * 300,
    "\ud800",
    "",
    "👩‍👩‍👧‍👦",
)
TILE_SHAPES = ((28, 28, 1), (32, 32, 3), (1, 1, 1), (7, 50, 3), (64, 3, 1))
LEAVING = frozenset({"quit"})
PRESSED = sorted({name for key in KEYS if key.id not in LEAVING for name in key.keys.split(",")})
TYPED = ("ctrl+p", "pageup", "pagedown", "home", "end", "backspace", "5", "0", "%", "*", "J", "q", "x", "s", "ctrl+z")
"""Keys that no row of the key table has: for the palette, for what can be typed, and for questions."""

Input = tuple[str, Any]

KEY_INPUTS = st.tuples(st.just("key"), st.sampled_from(PRESSED + [key for key in TYPED if key not in ("q", "ctrl+z")]))
PLACES = st.tuples(st.integers(0, 299), st.integers(0, 59))
EVENT_KINDS = (
    "step",
    "odd-step",
    "burst",
    "samples",
    "odd-samples",
    "rewind",
    "evaluated",
    "odd-note",
    "assessed",
    "jump",
)
INPUTS: st.SearchStrategy[Input] = st.one_of(
    KEY_INPUTS,
    KEY_INPUTS,
    KEY_INPUTS,
    st.tuples(st.just("click"), PLACES),
    st.tuples(st.just("wheel"), st.tuples(PLACES, st.booleans())),
    st.tuples(st.just("drag"), st.tuples(PLACES, PLACES)),
    st.tuples(st.just("resize"), st.sampled_from(SIZES)),
    st.tuples(st.just("event"), st.tuples(st.sampled_from(EVENT_KINDS), st.integers(0, 2**16))),
    st.tuples(st.just("event"), st.tuples(st.sampled_from(EVENT_KINDS), st.integers(0, 2**16))),
)


def random_inputs(seed: int, count: int) -> list[Input]:
    """Return `count` inputs drawn from `seed` alone, for sessions that are too long to be shrunk."""
    draw = random.Random(seed)

    def place() -> tuple[int, int]:
        return draw.randrange(300), draw.randrange(60)

    def one() -> Input:
        kind = draw.choices(("key", "click", "wheel", "drag", "resize", "event"), (60, 8, 8, 4, 3, 17))[0]
        values: dict[str, Callable[[], Any]] = {
            "key": lambda: draw.choice(PRESSED + [key for key in TYPED if key not in ("q", "ctrl+z")]),
            "click": place,
            "wheel": lambda: (place(), draw.random() < 0.5),
            "drag": lambda: (place(), place()),
            "resize": lambda: draw.choice(SIZES),
            "event": lambda: (draw.choice(EVENT_KINDS), draw.randrange(2**16)),
        }
        return kind, values[kind]()

    return [one() for _ in range(count)]


def at(step: int) -> dict[str, Any]:
    """Return the place of an event."""
    return {"step": step, "images": step * BATCH, "time": float(step)}


class Scripted:
    """A source that emits the events it is handed, in order, and answers commands as a trainer does."""

    def __init__(self, run_dir: Path) -> None:
        self.step = 0
        self.emitted: list[int] = []
        """Steps of the `StepDone` events that were pulled."""
        self._run_dir = run_dir
        self._due: deque[Event] = deque()
        self._pulled = 0
        self._names: tuple[str, ...] = tuple("0123456789")

    def open(self, report: ReportProgress) -> Scripted:
        report("building a script", None)
        return self

    def events(self) -> Generator[Event | Wait, None, None]:
        yield self._started()
        while True:
            if not self._due:
                yield Wait(0.005)
                continue
            event = self._due.popleft()
            self._pulled = event.step
            if isinstance(event, StepDone):
                self.emitted.append(event.step)
            yield event

    def apply(self, command: Command) -> Iterator[Event]:
        match command:
            case SampleNow():
                yield replace(self._picture(random.Random(self._pulled), requested=True), **at(self._pulled))
            case Reseed():
                yield Note(**at(self._pulled), text="restarted all chains", kind="reseed")
            case SaveNow():
                yield Note(**at(self._pulled), text="checkpoint saved", kind="checkpoint", path="x.pt")

    def emit(self, kind: str, seed: int) -> None:
        """Enqueue events of one kind; `seed` decides their values."""
        draw = random.Random(seed)
        self._due.extend(getattr(self, "_" + kind.replace("-", "_"))(draw))

    @property
    def waiting(self) -> int:
        """Number of events that have not been emitted yet."""
        return len(self._due)

    def _at(self) -> dict[str, Any]:
        return at(self.step)

    def _started(self) -> Event:
        return run_started(self.step, 5000, run_dir=str(self._run_dir), class_names=self._names)

    def _step(self, draw: random.Random, odd: bool = False) -> Iterator[Event]:
        self.step += 1
        pool = (*ODD_VALUES, 0.5) if odd else (0.1, 0.5, 2.0)
        tags = (TOTAL, NRG, XE, "JEM/accuracy", *(draw.sample(ODD_NAMES, 2) if odd else ()))
        yield StepDone(**self._at(), epoch=self.step // 100, metrics={tag: draw.choice(pool) for tag in tags})

    def _odd_step(self, draw: random.Random) -> Iterator[Event]:
        return self._step(draw, odd=True)

    def _burst(self, draw: random.Random) -> Iterator[Event]:
        for _ in range(draw.randrange(1, 300)):
            yield from self._step(draw, odd=draw.random() < 0.02)

    def _picture(
        self, draw: random.Random, requested: bool = False, shape: tuple[int, int, int] = (28, 28, 1)
    ) -> Samples:
        rng, count = np.random.default_rng(draw.randrange(2**32)), draw.choice((0, 1, 5, 64))
        return Samples(
            **self._at(),
            tiles=rng.integers(0, 256, (count, *shape), dtype=np.uint8),
            energy=rng.choice(np.array([0.0, -5.0, 1e30, np.nan, np.inf], np.float32), count),
            age=rng.integers(0, 2**40, count),
            predicted=rng.integers(0, len(self._names), count),
            confidence=rng.random(count, np.float32),
            reseeds=rng.integers(0, 9, count),
            requested=requested,
        )

    def _samples(self, draw: random.Random) -> Iterator[Event]:
        yield self._picture(draw)

    def _odd_samples(self, draw: random.Random) -> Iterator[Event]:
        yield self._picture(draw, shape=draw.choice(TILE_SHAPES))

    def _rewind(self, draw: random.Random) -> Iterator[Event]:
        yield Diverged(**self._at(), why="the loss is not finite", numbers={TOTAL: math.nan})
        lost, self.step = self.step, draw.randrange(self.step + 1)
        factors: dict[str, Any] = {"rate_factor": 0.5, "steps_factor": 1.5, "reseeded": 3, "attempt": 1, "attempts": 3}
        yield Rewound(**self._at(), from_step=lost, **factors)

    def _evaluated(self, draw: random.Random) -> Iterator[Event]:
        score = draw.choice((*ODD_VALUES, 0.97))
        yield Evaluated(**self._at(), split="validation", scores={"accuracy": score, "ece": score})
        edges = np.linspace(-1.0, draw.choice((1.0, 1e30)), 11)
        counts = np.array([draw.choice((0, 1, 10**12)) for _ in range(10)])
        yield Energies(**self._at(), edges=edges, data=counts, samples=counts[::-1])

    def _assessed(self, draw: random.Random) -> Iterator[Event]:
        bins = tuple(draw.choice((0.0, 0.5, 1.0)) for _ in range(16))
        yield Assessed(
            **self._at(),
            split="validation",
            confidence=bins,
            accuracy=bins,
            share=bins,
            auroc={draw.choice(ODD_NAMES): 1.0},
        )
        yield Adjusted(**self._at(), name="optimizer.rate", old=draw.choice(ODD_VALUES), new=1.0)

    def _odd_note(self, draw: random.Random) -> Iterator[Event]:
        text = "".join(draw.choice((*ODD_NAMES, " ")) for _ in range(draw.randrange(12)))
        yield Note(**self._at(), text=text, kind=draw.choice(("info", "warning", "outage", "recorded", "epoch")))

    def _jump(self, draw: random.Random) -> Iterator[Event]:
        self._names = tuple(draw.choice(ODD_NAMES) for _ in range(draw.choice((1, 10, 100))))
        self.step = draw.choice((0, self.step))
        yield self._started()


def check_state(state: RunState) -> None:
    """Assert invariants of every state."""
    assert state.status
    run = state.run
    if run is None:
        return
    assert 0.0 <= run.fraction <= 1.0
    assert all(len(line.images) == len(line) == len(line.values) for line in run.series.values())
    assert all((np.diff(line.images) >= 0).all() for line in run.series.values())
    images = [mark.images for mark in run.marks]
    assert images == sorted(images)


async def do(pilot: Pilot[Any], source: Scripted | None, kind: str, value: Any) -> None:
    """Carry out one input; places are clipped to the screen as it is now."""
    width, height = pilot.app.size

    def clipped(place: tuple[int, int]) -> tuple[int, int]:
        return place[0] % max(1, width), place[1] % max(1, height)

    match kind:
        case "key":
            await pilot.press(value)
        case "event" if source is not None:
            source.emit(*value)
        case "resize":
            await pilot.resize_terminal(*value)
        case "click":
            with suppress(OutOfBounds):
                await pilot.click(offset=clipped(value))
        case "wheel":
            place, down = value
            with suppress(OutOfBounds):
                await pilot._post_mouse_events(
                    [MouseScrollDown if down else MouseScrollUp], offset=clipped(place), button=0
                )
        case "drag":
            start, end = value
            with suppress(OutOfBounds):
                await pilot.mouse_down(offset=clipped(start))
                await pilot._post_mouse_events([MouseMove], offset=clipped(end), button=1)
                await pilot.mouse_up(offset=clipped(end))


async def leave(pilot: Pilot[Any], seconds: float = 10.0) -> None:
    """Quit with `q` from any screen, without saving, and fail if that does not end the app."""
    app, deadline = pilot.app, time.monotonic() + seconds
    await pilot.resize_terminal(120, 35)
    while app._exit is False and app.is_running:
        assert time.monotonic() < deadline, f"q does not leave {app.screen!r}"
        if isinstance(app.screen, QuitScreen):
            await pilot.press("x")
        elif len(app.screen_stack) > 2 or app.focused is not None:
            await pilot.press("escape")
        else:
            await pilot.press("q")
        await pilot.pause(0.02)


async def play(app: JemApp, source: Scripted | None, inputs: list[Input], size: tuple[int, int] = (120, 35)) -> None:
    """Start the app, carry out all inputs and leave; raise what the app raised."""
    async with app.run_test(size=size) as pilot:
        for kind, value in inputs:
            await do(pilot, source, kind, value)
            if app.state is not None:
                check_state(app.state)
            if app._exit or not app.is_running:
                break
        await leave(pilot)
    assert app.failure is None, app.failure.details


def play_live(inputs: list[Input], run_dir: Path, size: tuple[int, int] = (120, 35)) -> None:
    """Play inputs on a live source; assert that the recorder got every step that the source emitted."""
    source = Scripted(run_dir)
    recorded: list[Event] = []
    app = JemApp(RunHandle(source.open, recorded.append), label="script", run_dir=str(run_dir))
    asyncio.run(play(app, source, inputs, size))
    assert [event.step for event in recorded if isinstance(event, StepDone)] == source.emitted


def main(count: int, seed: int, inputs: int) -> dict[str, int]:
    """Play long sessions on live sources; return how many survived."""
    import tempfile

    for number in range(seed, seed + count):
        with tempfile.TemporaryDirectory() as folder:
            play_live(random_inputs(number, inputs), Path(folder), SIZES[number % 4])
    return {"survived": count}


if __name__ == "__main__":
    import sys

    print(main(*map(int, sys.argv[1:])))
