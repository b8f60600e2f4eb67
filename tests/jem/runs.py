"""Small runs for tests, which take seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from queue import Queue

import numpy as np

from jem_tui.config.load import make_config
from jem_tui.config.schema import RunConfig
from jem_tui.events.commands import Command
from jem_tui.events.run import (
    Event,
    Paused,
    ReportProgress,
    Resumed,
    RunStarted,
    Samples,
    Sampling,
    Saving,
    StepDone,
    Stopped,
)
from jem_tui.stream.drive import OpenSource, Source, drive

SMALL = (
    "network.width=4",
    "buffer.size=64",
    "train.batch_size=16",
    "train.threads=1",
    "train.device=cpu",
    "sgld.steps=2",
    "optimizer.warmup=5",
    "record.samples_every=5",
    "record.evaluate_every=10",
    "record.evaluate_images=50",
    "record.checkpoint_every=1000",
    "record.tiles=9",
)


def small_config(*words: str, max_steps: int = 20, preset: str = "fast") -> RunConfig:
    return make_config(preset, None, [*SMALL, f"train.max_steps={max_steps}", *words])


def opener(config: RunConfig, run_dir: Path, resume: bool = False) -> OpenSource:
    def open_source(report: ReportProgress) -> Source:
        from jem_tui.jem.trainer.build import open_trainer

        return open_trainer(config, run_dir, resume, report)

    return open_source


def run(
    config: RunConfig,
    run_dir: Path,
    resume: bool = False,
    commands: Iterable[Command] = (),
    react: Callable[[Event, Queue[Command]], None] = lambda event, queue: None,
) -> list[Event]:
    """Return all events of a run with `commands` queued at its start and `react` called on every event."""
    queue: Queue[Command] = Queue()
    for command in commands:
        queue.put(command)
    events: list[Event] = []

    def sink(event: Event) -> None:
        events.append(event)
        react(event, queue)

    drive(opener(config, run_dir, resume), sink, queue)
    return events


def metrics(events: Iterable[Event]) -> list[dict[str, float]]:
    """Return the metrics of every step."""
    return [dict(event.metrics) for event in events if isinstance(event, StepDone)]


def emitted(events: Iterable[Event]) -> list[tuple[object, ...]]:
    """Return the events of a training run, without times, pauses, requested samples and the path of the run folder."""
    passing = (Paused, Resumed, RunStarted, Sampling, Saving, Stopped)
    kept = [e for e in events if e.step and not isinstance(e, passing) and not (isinstance(e, Samples) and e.requested)]
    return [comparable(event) for event in kept]


def comparable(event: Event) -> tuple[object, ...]:
    values = [
        value.tolist() if isinstance(value, np.ndarray) else value
        for field in fields(event)
        if field.name not in ("time", "path")
        for value in [getattr(event, field.name)]
    ]
    return (type(event).__name__, *values)
