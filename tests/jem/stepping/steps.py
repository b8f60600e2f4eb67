"""Steps of small learners on a CPU, for tests."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch

from jem_tui.config.schema import RunConfig
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.step_batch import TrainBatch
from jem_tui.jem.stepping.device_stepper import DeviceStepper
from jem_tui.jem.stepping.feed import Feed
from jem_tui.jem.stepping.optimizer_step import next_images
from jem_tui.jem.stepping.stepper import MeasuredStep
from jem_tui.jem.trainer.build import open_trainer
from tests.jem.runs import small_config

NOISE = ("buffer.init=uniform", "buffer.noise_visits=0")
"""Chains that start from noise alone, which costs a small run less than the Gaussians of all classes."""

SPECTRAL_NORM = "network.name=tests.jem.model.own_networks:Normalised"
"""A network that changes its buffers in every pass."""


def fixed_config(*words: str, max_steps: int = 20) -> RunConfig:
    return small_config("train.graph=on", *NOISE, *words, max_steps=max_steps)


def taken(stepper: DeviceStepper, step: int, stop: int) -> MeasuredStep:
    """Return the quantities of a step, without the events inside the step."""
    events = stepper.take(step, stop)
    while True:
        try:
            next(events)
        except StopIteration as end:
            measured: MeasuredStep = end.value
            return measured


def learner_of(tmp_path: Path, *words: str) -> Learner:
    return open_trainer(fixed_config(*words), tmp_path, False, lambda text, fraction: None).learner


def batch_of(learner: Learner) -> TrainBatch:
    feed = Feed.of(learner)
    feed.fill(learner, 0, 1)
    return next_images(learner, feed)


def changed_state(learner: Learner) -> dict[str, Any]:
    """Return everything that a step changes except the order of batches, the random streams and the optimizer."""
    state = copy.deepcopy(learner.state_dict())
    return {name: part for name, part in state.items() if name not in ("batches", "generators", "optimizer")}


def tensors_of(state: object) -> list[torch.Tensor]:
    if isinstance(state, dict):
        return [leaf for key in state for leaf in tensors_of(state[key])]
    return [state] if isinstance(state, torch.Tensor) else []


def same(these: object, those: object) -> bool:
    pairs = list(zip(tensors_of(these), tensors_of(those), strict=True))
    return bool(pairs) and all(torch.equal(one.nan_to_num(), other.nan_to_num()) for one, other in pairs)
