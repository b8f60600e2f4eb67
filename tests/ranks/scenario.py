"""Random commands of a viewer to a paused run, which give the same events for every number of ranks."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from jem_tui.events.commands import (
    Adjust,
    Command,
    EvaluateNow,
    Pause,
    Reseed,
    Resume,
    RollBack,
    SampleNow,
    SaveNow,
    UndoRestart,
)
from jem_tui.events.run import (
    Adjusted,
    Energies,
    Event,
    Note,
    Paused,
    Rewound,
    Samples,
    StepDone,
    Stopped,
)
from jem_tui.stream.replay.replayer import read_events
from tests.ranks.forked_ranks import ForkedRanks
from tests.ranks.small_run import DIGESTING, WORDS
from tests.ranks.steering_viewer import SteeringViewer, steering

FIRST, LAST = 15, 45
"""The step of the first random command, and the steps of the run."""
HELD = ("--metric", "tests.ranks.rank_code:gate")


def play(folder: Path, seed: int, ranks: int, commands: int = 12) -> list[Event]:
    """Train on some ranks, steered by random commands of a viewer; return the events of the log."""
    run_dir = folder / "run"
    words = [*WORDS, *DIGESTING, *HELD, "--max-steps", LAST, "--run-dir", run_dir]
    with ForkedRanks(folder, *words, ranks=ranks, DIGESTS=str(folder), GATE=str(folder)) as run:
        with steering(run_dir) as viewer:
            viewer.send(Pause())
            (folder / "open").touch()
            viewer.until_received(Paused)
            viewer.advance(FIRST)
            steer(viewer, random.Random(seed), commands)
            viewer.send(Resume())
            viewer.until_received(Stopped)
        assert run.end() == [0] * ranks, run.printed()
    return list(read_events(run_dir))


def steer(viewer: SteeringViewer, chance: random.Random, count: int) -> None:
    """Send random commands, each of which is applied at a step that only the random numbers decide."""
    step = FIRST
    for _ in range(count):
        if chance.random() < 0.4 and step < LAST - 5:
            step += chance.randint(1, 4)
            viewer.advance(step)
            continue
        command = chance.choice(list(choices(chance)))
        viewer.send(command)
        if isinstance(command, RollBack):
            received = len(viewer.events)
            viewer.until_received(Rewound, received)
            step = viewer.step


def choices(chance: random.Random) -> Iterator[Command]:
    """Yield one command of each kind that acts on a paused run."""
    yield Adjust(
        name=chance.choice(["sgld.steps", "sgld.step_size", "optimizer.rate"]), increments=chance.choice([-1, 1, 2])
    )
    yield chance.choice([Reseed(), Reseed(worst=8), Reseed(fraction=0.25), Reseed(chains=(0, 3, 7))])
    yield SaveNow()
    yield SampleNow()
    yield EvaluateNow()
    yield UndoRestart()
    yield RollBack()


def outline(events: list[Event]) -> list[tuple[object, ...]]:
    """Return what a run on any number of ranks records for the same commands: kinds, steps and settings, not the numbers of training."""
    begun = next(n for n, event in enumerate(events) if isinstance(event, StepDone) and event.step == FIRST)
    return [row for event in events[begun:] if (row := _outlined(event)) is not None]


def _outlined(event: Event) -> tuple[object, ...] | None:
    kind = type(event).__name__
    match event:
        case StepDone():
            return (kind, event.step, event.images, event.epoch, sorted(event.metrics), event.metrics["sgld/steps"])
        case Adjusted():
            return (kind, event.step, event.name, event.old, event.new)
        case Note():
            return (kind, event.step, event.kind, re.sub(r"\.pt\b|/", "", event.text))
        case Samples():
            return (kind, event.step, event.tiles.shape, event.energy.shape)
        case Energies():
            return (kind, event.step, int(event.data.sum()), int(event.samples.sum()))
    return None if kind in ("RankStates", "RunStarted") else (kind, event.step)
