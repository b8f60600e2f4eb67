"""Runs with injected faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from jem_tui.config.schema import RunConfig
from jem_tui.errors import DivergenceError
from jem_tui.events.run import Event, StepDone, Wait
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.jem.trainer.trainer import Trainer
from tests.jem.runs import small_config

NAN = float("nan")
NO_EXPLORER_DRAWN = "buffer.explorer_share=0"
"""A setting that keeps explorers from replacing a poisoned chain before a batch draws it."""
E = TypeVar("E")
Hook = Callable[[Trainer, Event], None]


def broken_config(*words: str, max_steps: int = 20) -> RunConfig:
    return small_config("stability.snapshot_every=4", *words, max_steps=max_steps)


def train(config: RunConfig, run_dir: Path, hook: Hook) -> tuple[Trainer, list[Any]]:
    """Train with a call of `hook` after every event; return the trainer and the events, with a DivergenceError at the end."""
    trainer = open_trainer(config, run_dir, False, lambda text, fraction: None)
    events: list[Any] = []
    try:
        for event in trainer.events():
            assert not isinstance(event, Wait)
            events.append(event)
            hook(trainer, event)
    except DivergenceError as error:
        events.append(error)
    return trainer, events


def once(step: int, deed: Callable[[Trainer], None]) -> Hook:
    """Return a hook that calls `deed` after the first `StepDone` of `step`."""
    done: list[int] = []

    def hook(trainer: Trainer, event: Event) -> None:
        if isinstance(event, StepDone) and event.step == step and not done:
            done.append(step)
            deed(trainer)

    return hook


@torch.no_grad()
def poison_weight(trainer: Trainer) -> None:
    next(iter(trainer.learner.network.parameters()))[0] = NAN


def poison_adversarial_pass(trainer: Trainer) -> None:
    """Make the gradient of the next pass through the network NaN, which is that of the adversarial images, the first one of a step."""
    learner = trainer.learner
    compute = learner.compute

    def poisoned(x: Tensor) -> Tensor:
        object.__setattr__(learner, "compute", compute)
        logits = compute.sampling(x)
        logits.register_hook(lambda gradient: gradient * NAN)
        return logits

    object.__setattr__(learner, "compute", replace(compute, sampling=poisoned))


def poison_chain(trainer: Trainer) -> None:
    trainer.learner.buffer.x[7, 0, 3, 3] = NAN


def poison_explorer(trainer: Trainer) -> None:
    explorers = trainer.learner.chain_pool.explorers
    assert explorers is not None
    explorers.x[3, 0, 3, 3] = NAN


def of(kind: type[E], events: Iterable[object]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def same(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)
