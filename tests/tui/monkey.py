"""A monkey for the screen: random keys, clicks, wheel, drags, resizes and events, and invariants that are checked after each input."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from textual.events import MouseMove, MouseScrollDown, MouseScrollUp
from textual.pilot import OutOfBounds, Pilot

from jem_tui.events.run import (
    Event,
    StepDone,
)
from jem_tui.tui.app import JemApp
from jem_tui.tui.exiting.quit_screen import QuitScreen
from jem_tui.tui.keys import KEYS
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.state.run_state import RunState
from tests.tui.scripted_source import ScriptedSource
from tests.wait_until import PATIENCE

SIZES = ((60, 20), (80, 24), (120, 35), (200, 60), (40, 12), (1, 1), (61, 19), (300, 20))
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Shrinking replays a session hundreds of times; as sessions are short, the first one that fails says enough."""
UNHURRIED: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "phases": WITHOUT_SHRINKING}
"""Settings of a property whose examples are sessions of an app."""
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
    "ranks",
    "sampler",
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


async def do(pilot: Pilot[Any], source: ScriptedSource | None, kind: str, value: Any) -> None:
    """Carry out one input; positions are clipped to the current size of the screen."""
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


async def leave(pilot: Pilot[Any]) -> None:
    """Quit with `q` from any screen, without saving, and fail if that does not end the app."""
    app, deadline = pilot.app, time.monotonic() + PATIENCE
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


async def play(
    app: JemApp, source: ScriptedSource | None, inputs: list[Input], size: tuple[int, int] = (120, 35)
) -> None:
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
    source = ScriptedSource(run_dir)
    recorded: list[Event] = []
    app = JemApp(RunHandle(driving(source.open, recorded.append)), label="script", run_dir=str(run_dir))
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
