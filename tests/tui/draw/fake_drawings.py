"""A model for drawings without torch, and an app around the draw screen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from textual.app import App
from textual.pilot import Pilot

from jem_tui.errors import InputError
from jem_tui.events.drawing import DrawingModel, DrawingRequest, DrawingScore, EnergyReference
from jem_tui.events.run import ReportProgress
from jem_tui.tui.app import JemApp
from jem_tui.tui.draw.draw_app import DrawApp
from jem_tui.tui.draw.draw_screen import DrawScreen
from jem_tui.tui.draw.drawing_state import DrawingState
from jem_tui.tui.state.drawing_access import DrawingAccess, OpenedChains
from tests.tui.sources import shows
from tests.wait_until import PATIENCE

DIGITS = tuple("0123456789")


def reference(threshold: float = 0.0, step: int = 5) -> EnergyReference:
    rng = np.random.default_rng(0)
    train, held_out, chains = (rng.normal(mean, 1, 200).astype(np.float32) for mean in (-2.0, -1.5, -2.5))
    return EnergyReference(
        step=step,
        train=train,
        held_out=held_out,
        chains=chains,
        threshold=threshold,
        kept=0.95,
        false_positives=0.06,
        tested=300,
    )


class FakeDrawings:
    """A model whose energy is the mean of the image, whose class is its number of requests, and whose steps add one to each pixel."""

    def __init__(
        self, shape: tuple[int, int, int] = (28, 28, 1), names: tuple[str, ...] = DIGITS, paper: int = 0
    ) -> None:
        self.model = DrawingModel(shape=shape, class_names=names, paper=paper, averaged=True)
        self.requests: list[DrawingRequest] = []
        self.opened_on = ""
        self.failing: Exception | None = None
        self.may_open = threading.Event()
        self.may_open.set()
        self._image = np.zeros(shape, np.uint8)
        self._moved = 0
        self._compared = False

    def open(self, report: ReportProgress) -> FakeDrawings:
        report("loading the model", 0.5)
        self._compared = False
        self.opened_on = threading.current_thread().name
        assert self.may_open.wait(PATIENCE)
        if self.failing is not None:
            raise self.failing
        return self

    def score(self, request: DrawingRequest) -> DrawingScore | None:
        self.requests.append(request)
        if self.failing is not None:
            raise self.failing
        if request.pixels is not None:
            self._image, self._moved = request.pixels, 0
        self._moved += request.steps
        self._image = (self._image.astype(int) + request.steps).clip(0, 255).astype(np.uint8)
        chances = np.full(len(self.model.class_names), 0.02, np.float32)
        chances[len(self.requests) % len(chances)] = 0.8
        return DrawingScore(
            number=request.number,
            step=5,
            probabilities=chances,
            energy=float(self._image.mean()),
            image=self._image.copy(),
            moved=self._moved,
        )

    def compare(self) -> EnergyReference | None:
        if self._compared:
            return None
        self._compared = True
        return reference()


def fake_access(drawings: FakeDrawings, missing: str = "") -> DrawingAccess:
    def read_image(path: Path, shape: tuple[int, int, int]) -> np.ndarray:
        if not path.exists():
            raise InputError(f"Cannot read the image {path}: No such file.")
        return np.full(shape, 77, np.uint8)

    def open_chains(*given: object) -> OpenedChains:
        raise InputError("This model is for drawings alone.")

    return DrawingAccess(
        open_drawings=drawings.open, open_chains=open_chains, missing=lambda: missing, read_image=read_image
    )


def draw_app(
    drawings: FakeDrawings, image: Path | None = None, shape: Sequence[int] | None = None, run_dir: str = ""
) -> DrawApp:
    return DrawApp("a-run", fake_access(drawings), image, shape=shape, run_dir=run_dir)


def screen_of(app: DrawApp) -> DrawScreen:
    return app._draw_screen


async def reached(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the condition was not reached"
        await pilot.pause(0.02)


async def ready(pilot: Pilot[Any], screen: DrawScreen) -> DrawingState:
    """Wait for the first score, and return the state of the screen."""
    await reached(pilot, lambda: screen.drawing.score is not None and screen.drawing.reference is not None)
    return screen.drawing


def shows_notice(app: App[Any], text: str) -> bool:
    """Return whether a notice contains a text."""
    return any(text in toast.message for toast in app._notifications)


async def drawing_on(app: JemApp, pilot: Pilot[Any], badge: str) -> tuple[DrawScreen, DrawingState]:
    """Press D once the run displays `badge`, wait for the first score, and return the screen with its state."""
    await reached(pilot, lambda: shows(app, badge))
    await pilot.press("D")
    await reached(pilot, lambda: isinstance(app.screen, DrawScreen))
    screen = app.screen
    assert isinstance(screen, DrawScreen)
    return screen, await ready(pilot, screen)
