"""A training run of which each rank is a process of a test."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jem_tui.config.schema import RunConfig
from jem_tui.events.commands import Command
from jem_tui.events.run import Evaluated, Event, Note, Sampling, StepDone, Wait
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.jem.trainer.trainer import Trainer


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The report of one rank about a run."""

    kinds: list[str]
    """Names of the events, without progress inside a step."""
    metrics: list[dict[str, float]]
    """Metrics of every step."""
    notes: list[str] = field(default_factory=list)
    scores: list[dict[str, float]] = field(default_factory=list)
    weights: str = ""
    """SHA-256 of the weights and their average."""
    chains: str = ""
    """SHA-256 of the chains of this rank."""
    extra: Mapping[str, Any] = field(default_factory=dict)


def quiet(text: str, fraction: float | None) -> None:
    """Ignore the progress of loading."""


def opened(ranks: Ranks, config: RunConfig, run_dir: Path, resume: bool = False) -> Trainer:
    """Return the trainer of a rank."""
    return open_trainer(config, run_dir, resume, quiet, ranks=ranks)


def events_of(trainer: Trainer, commands: Mapping[int, list[Command]]) -> list[Event]:
    """Return the events of a run to which `commands` are applied after the steps that they are listed under."""
    found: list[Event] = []
    for event in trainer.events():
        if isinstance(event, Sampling | Wait):
            continue
        found.append(event)
        if isinstance(event, StepDone):
            for command in commands.get(event.step, []):
                found += trainer.apply(command)
    return found


def report_of(trainer: Trainer, events: list[Event], **extra: Any) -> Trained:
    """Return what a rank reports after a run."""
    return Trained(
        kinds=[type(event).__name__ for event in events if not isinstance(event, Sampling)],
        metrics=[dict(event.metrics) for event in events if isinstance(event, StepDone)],
        notes=[event.text for event in events if isinstance(event, Note) and event.kind != "checkpoint"],
        scores=[dict(event.scores) for event in events if isinstance(event, Evaluated)],
        weights=digest([*trainer.learner.network.parameters(), *trainer.learner.evaluated.parameters()]),
        chains=digest([trainer.learner.buffer.x]),
        extra=extra,
    )


def trained(
    ranks: Ranks, config: RunConfig, folder: Path, commands: Mapping[int, list[Command]] | None = None
) -> Trained:
    """Train a run in `folder` to its end on this rank, from its newest checkpoint if it has one."""
    trainer = opened(ranks, config, folder, resume=True)
    return report_of(trainer, events_of(trainer, commands or {}))


def digest(tensors: list[Any]) -> str:
    """Return the SHA-256 of the bytes of some tensors."""
    found = hashlib.sha256()
    for tensor in tensors:
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def set_chains(learner: Learner, x: Any) -> None:
    """Overwrite the chains of the replay buffer of one rank by its part of `x`, those of all ranks in the order of the ranks."""
    size = len(learner.buffer)
    learner.buffer.x.copy_(x[learner.ranks.rank * size : (learner.ranks.rank + 1) * size])
