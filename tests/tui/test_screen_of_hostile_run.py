"""The screen of a viewer whose run is hostile or broken: no pane fails, nothing controls the terminal, and `q` leaves."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from jem_tui.events.run import Adjusted, Diverged, Evaluated, Event, Note, Stopped
from jem_tui.stream.attach import viewer
from jem_tui.stream.attach.connect import SocketStream
from jem_tui.stream.attach.frames import JSON, pack
from jem_tui.stream.attach.history import pack_history, read_history
from jem_tui.stream.attach.messages import Refused, pack_message
from jem_tui.stream.attach.viewer import Viewer
from jem_tui.tui.app import JemApp
from jem_tui.tui.exiting.quit_screen import QuitScreen
from jem_tui.tui.state.run_handle import RunHandle
from jem_tui.tui.state.screen_role import Attachment, ScreenRole
from tests.examples import examples
from tests.stream.attach.hostile_frames import CHANGES, FRAMES, Change, changed
from tests.stream.attach.scripted_door import as_records, hello
from tests.stream.stream_events import energies, samples, started, step_done
from tests.tui.monkey import UNHURRIED
from tests.tui.sources import PATIENCE, screen_rows, shows, until

LARGEST = (1 << 62) - 1
ESCAPE = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\n"
START = started(total_steps=100, abilities=frozenset({"reseed", "save", "adjust", "inspect"}))
GREETING = pack_message(hello(START)) + pack_history([step_done(1), samples(1)])


class HostileRun:
    """A run that sends the next of its scripts over each connection, the last one over all further ones."""

    def __init__(self, scripts: list[bytes], *, silent: bool = False) -> None:
        self._scripts, self._silent = scripts, silent
        self._ends: list[socket.socket] = []

    @property
    def all_sent(self) -> bool:
        return len(self._ends) > len(self._scripts)

    def connect(self) -> SocketStream:
        near, far = socket.socketpair()
        script = self._scripts[min(len(self._ends), len(self._scripts) - 1)]
        self._ends.append(far)
        Thread(target=self._send, args=(far, script), daemon=True).start()
        return SocketStream(near)

    def close(self) -> None:
        for end in self._ends:
            end.close()

    def _send(self, end: socket.socket, script: bytes) -> None:
        with suppress(OSError):
            end.sendall(script)
            if not self._silent:
                end.shutdown(socket.SHUT_WR)


def attached(run: HostileRun) -> JemApp:
    """Return an app that is attached to a run on another machine."""
    role = ScreenRole(attachment=Attachment(host="gpu7"))
    handle = RunHandle(lambda: Viewer(run.connect, None, read_history=read_history), role=role)
    return JemApp(handle, label="attach to hostile")


def assert_sound(app: JemApp) -> None:
    """Assert that no part of the screen has failed, and that no displayed character controls the terminal."""
    assert app.failure is None, app.failure.details
    failures = [text for screen in app.screen_stack for part in screen.query() for text in failures_of(part)]
    assert not failures
    assert all(row.isprintable() for row in screen_rows(app))


def failures_of(part: Any) -> list[str]:
    return list(part.__dict__.get("failures", {}).values())


async def displayed(pilot: Pilot[Any], app: JemApp, run: HostileRun) -> None:
    """Wait until all scripts were sent, or the viewer has ended."""
    await until(pilot, lambda: run.all_sent or app.run_handle.ended is not None)
    await pilot.pause(0.05)
    assert_sound(app)


async def leave(pilot: Pilot[Any], app: JemApp) -> None:
    """Press `q`, and choose to detach where the run is connected."""

    def is_left() -> bool:
        return not app.is_running or app.return_value is not None or app._exit

    deadline = time.monotonic() + PATIENCE
    while not is_left():
        assert time.monotonic() < deadline, f"q does not leave {app.screen!r}"
        await pilot.press("d" if isinstance(app.screen, QuitScreen) else "q")
        await pilot.pause(0.02)


async def play(run: HostileRun) -> None:
    """Display a run, and leave."""
    app = attached(run)
    try:
        async with app.run_test(size=(120, 35)) as pilot:
            await displayed(pilot, app, run)
            if app.run_handle.ended is None:
                await leave(pilot, app)
        assert app.failure is None
    finally:
        run.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect at once."""
    monkeypatch.setattr(viewer, "FIRST_DELAY", 0.01)
    monkeypatch.setattr(viewer, "LONGEST_DELAY", 0.02)
    monkeypatch.setattr(viewer, "FIRST_PATIENCE", 1e9)


SCRIPTS = st.lists(st.tuples(st.lists(FRAMES, max_size=6), CHANGES), min_size=6, max_size=10)


@settings(max_examples=examples(1), **UNHURRIED)
@given(SCRIPTS)
def test_no_frames_fail_the_screen(scripts: list[tuple[list[bytes], list[Change]]]):
    whole = [GREETING + changed(b"".join(frames), changes) for frames, changes in scripts]
    asyncio.run(play(HostileRun(whole)))


@pytest.mark.slow
@settings(max_examples=examples(30), **UNHURRIED)
@given(SCRIPTS)
def test_no_frames_of_many_fail_the_screen(scripts: list[tuple[list[bytes], list[Change]]]):
    whole = [GREETING + changed(b"".join(frames), changes) for frames, changes in scripts]
    asyncio.run(play(HostileRun(whole)))


def at(step: int, **changes: Any) -> dict[str, Any]:
    return {"step": step, "images": step, "time": 1000.0, **changes}


ODD_SAMPLES = replace(
    samples(3),
    energy=np.full(len(samples(3).energy), np.nan, np.float32),
    confidence=np.full(len(samples(3).energy), np.inf, np.float32),
    predicted=np.full(len(samples(3).energy), -LARGEST),
    age=np.full(len(samples(3).energy), LARGEST),
)
ODD_ENERGIES = replace(
    energies(3), edges=np.array([-1e9, 0.0, 1e9]), data=np.array([1, 1 << 62]), samples=np.array([0, 1 << 62])
)
ODD_EVENTS: list[Event] = [
    step_done(50),
    step_done(3),
    replace(step_done(4), step=LARGEST, images=LARGEST),
    replace(step_done(5), step=-LARGEST, images=-LARGEST, time=-1e300, epoch=-LARGEST),
    replace(step_done(6), time=1e300, metrics={ESCAPE: float("nan"), "": float("inf"), "huge": 3e38}),
    ODD_SAMPLES,
    ODD_ENERGIES,
    Note(**at(7), text=ESCAPE, kind=ESCAPE),  # type: ignore[arg-type]
    Evaluated(**at(7), split=ESCAPE, scores={ESCAPE: float("nan")}),
    Adjusted(**at(7), name=ESCAPE, old=float("nan"), new=float("inf")),
    Diverged(**at(7), why=ESCAPE, numbers={ESCAPE: float("nan")}),
]
ODD_START = replace(
    START,
    total_steps=LARGEST,
    steps_per_epoch=1,
    parameters=LARGEST,
    tile_shape=(16_384, 16_384, 3),
    device=ESCAPE,
    class_names=(ESCAPE,) * 200,
    activity=ESCAPE,
    config={ESCAPE: [[ESCAPE]] * 100, "sgld": {"steps": ESCAPE}},
    knobs={f"{ESCAPE}{number}": float("nan") for number in range(200)},
)


@pytest.mark.parametrize("start", [START, ODD_START], ids=["start", "odd-start"])
async def test_odd_values_in_an_impossible_order_are_displayed(start: Any):
    run = HostileRun([pack_message(hello(start, program=ESCAPE)) + pack_history([]) + as_records(*ODD_EVENTS)])
    await play(run)


async def test_a_run_that_is_silent_after_its_greeting_is_left_by_q():
    run = HostileRun([GREETING], silent=True)
    app = attached(run)
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        await leave(pilot, app)
    assert app.run_handle.detached
    run.close()


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        (b"garbage", "does not speak the protocol of jem-tui"),
        (pack(JSON, json.dumps({"kind": "hello", "protocol": [2, 0]}).encode()), "different versions of the protocol"),
    ],
)
async def test_the_cause_of_a_lost_connection_is_displayed(sent: bytes, cause: str):
    run = HostileRun([GREETING + sent])
    app = attached(run)
    async with app.run_test(size=(200, 40)) as pilot:
        await until(pilot, lambda: shows(app, cause))
        assert_sound(app)
        await leave(pilot, app)
    run.close()


async def test_an_end_of_a_run_cannot_control_the_terminal():
    end = Stopped(**at(9), reason=ESCAPE, error=ESCAPE, details=ESCAPE)  # type: ignore[arg-type]
    run = HostileRun([GREETING + pack_message(Refused(text=ESCAPE)) + as_records(end)])
    app = attached(run)
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: app.run_handle.ended is not None and shows(app, "FAILED"))
        assert_sound(app)
