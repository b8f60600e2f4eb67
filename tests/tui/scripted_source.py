"""A source that emits what a test enqueues, including events with unusual values."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

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
    RankStates,
    ReportProgress,
    Rewound,
    Samples,
    StepDone,
    Wait,
)
from jem_tui.events.sampler_texts import SAMPLER_DIAGNOSTICS
from tests.tui.sources import BATCH, run_started

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


def at(step: int) -> dict[str, Any]:
    """Return the place of an event."""
    return {"step": step, "images": step * BATCH, "time": float(step)}


class ScriptedSource:
    """A source that emits the events it is handed, in order, and answers commands as a trainer does."""

    def __init__(self, run_dir: Path) -> None:
        self.step = 0
        self.emitted: list[int] = []
        """Steps of the `StepDone` events that were pulled."""
        self._run_dir = run_dir
        self._due: deque[Event] = deque()
        self._pulled = 0
        self._names: tuple[str, ...] = tuple("0123456789")

    def open(self, report: ReportProgress) -> ScriptedSource:
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
        config = {"buffer": {"size": 64}, "sgld": {"steps": 5}}
        return run_started(self.step, 5000, run_dir=str(self._run_dir), class_names=self._names, config=config)

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

    def _sampler(self, draw: random.Random) -> Iterator[Event]:
        self.step += 1
        metrics = {tag: draw.choice((*ODD_VALUES, 1.01)) for tag in SAMPLER_DIAGNOSTICS if draw.random() < 0.8}
        yield StepDone(**self._at(), epoch=self.step // 100, metrics={TOTAL: 0.5, **metrics})

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

    def _ranks(self, draw: random.Random) -> Iterator[Event]:
        size = draw.choice((0, 1, 2, 8, 64))
        yield RankStates(
            **self._at(),
            hosts=tuple(draw.choice((*ODD_NAMES, "node1")) for _ in range(size)),
            devices=tuple(draw.choice((*ODD_NAMES, "cpu")) for _ in range(size)),
            images_per_second=tuple(draw.choice((*ODD_VALUES, 800.0)) for _ in range(size)),
            energy=tuple(draw.choice((*ODD_VALUES, -3.2)) for _ in range(size)),
            waiting=tuple(draw.choice((*ODD_VALUES, 0.2)) for _ in range(size)),
            memory=tuple(draw.choice((0, 1, 2**36, 2**62)) for _ in range(size)),
            memory_total=tuple(draw.choice((0, 2**37, 2**62)) for _ in range(size)),
        )

    def _odd_note(self, draw: random.Random) -> Iterator[Event]:
        text = "".join(draw.choice((*ODD_NAMES, " ")) for _ in range(draw.randrange(12)))
        yield Note(**self._at(), text=text, kind=draw.choice(("info", "warning", "outage", "recorded", "epoch")))

    def _jump(self, draw: random.Random) -> Iterator[Event]:
        self._names = tuple(draw.choice(ODD_NAMES) for _ in range(draw.choice((1, 10, 100))))
        self.step = draw.choice((0, self.step))
        yield self._started()
