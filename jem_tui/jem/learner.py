"""One optimizer step of JEM and the state that it changes. What is told of it, and when, is the trainer's business."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from jem_tui.config.schema import RunConfig
from jem_tui.events import ACCURACY, NRG, TOTAL, XE
from jem_tui.jem.buffer import ReplayBuffer
from jem_tui.jem.images import Batches, augment
from jem_tui.jem.objective import Terms, jem_loss
from jem_tui.jem.optimize import rate_at
from jem_tui.jem.sampler import network_energy, sgld_step, steps_in_epoch

LOSS_LIMIT = 1e8
"""Beyond this the reference implementation gives up, too."""


class NotFiniteError(Exception):
    """The loss of a step is not a usable number; no weight was changed with it."""


@dataclass(frozen=True, kw_only=True)
class Generators:
    """One random stream for each purpose, so that none depends on how often another is asked."""

    order: torch.Generator
    augmentation: torch.Generator
    chains: torch.Generator
    noise: torch.Generator

    def state_dict(self) -> dict[str, Tensor]:
        """The state of every stream."""
        return {name: getattr(self, name).get_state() for name in self.__dataclass_fields__}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue where `state_dict` was taken."""
        for name in self.__dataclass_fields__:
            getattr(self, name).set_state(state[name].cpu())


@dataclass(frozen=True, kw_only=True)
class Learner:
    """Everything that training changes: weights, their average, the optimizer, the chains, the data order, the streams."""

    config: RunConfig
    network: nn.Module
    average: AveragedModel | None
    optimizer: torch.optim.Optimizer
    buffer: ReplayBuffer
    batches: Batches
    generators: Generators

    @property
    def evaluated(self) -> nn.Module:
        """The network that is scored: the average where there is one."""
        return self.average if self.average is not None else self.network

    @property
    def horizon(self) -> int:
        """Optimizer steps of all epochs."""
        epochs = self.config.train.pretrain_epochs + self.config.train.epochs
        return epochs * self.batches.steps_per_epoch

    @property
    def samples_chains(self) -> bool:
        """Whether any epoch moves chains; without, it is a classifier that is trained."""
        return steps_in_epoch(self.config.sgld, max(0, self.config.train.epochs - 1)) > 0

    def sgld_steps(self, step: int) -> int:
        """K of optimizer step `step`; 0 while only the classifier is trained."""
        epoch = step // self.batches.steps_per_epoch - self.config.train.pretrain_epochs
        return steps_in_epoch(self.config.sgld, epoch) if epoch >= 0 else 0

    def next_batch(self) -> tuple[Tensor, Tensor]:
        """Augmented images (batch, channels, height, width) in [−1, 1] and labels (batch,)."""
        x, labels = self.batches.next()
        data = self.config.data
        return augment(x, data.noise_scale, data.translate, self.generators.augmentation), labels

    def move(self, x: Tensor) -> Tensor:
        """One SGLD step of a batch of chains."""
        return sgld_step(network_energy(self.network), x, self.config.sgld, self.generators.noise)

    def update(self, step: int, batch: tuple[Tensor, Tensor], slots: Tensor, x_hat: Tensor) -> dict[str, float]:
        """One optimizer step on images and on samples x̂ (none while pre-training), and its metrics.

        Raises NotFiniteError before anything changes if the loss is not a usable number.
        """
        x, labels = batch
        terms = jem_loss(self.network(torch.cat([x, x_hat])), labels, self.config.objective)
        rate = rate_at(step, self.horizon, self.config.optimizer)
        metrics = step_metrics(terms, rate, self.sgld_steps(step))
        self._descend(terms.loss, rate)
        if len(slots):
            self.buffer.store(slots, x_hat, self.sgld_steps(step), terms.far)
        return metrics

    def _descend(self, loss: Tensor, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.network)

    def state_dict(self) -> dict[str, Any]:
        """All of it, for a checkpoint."""
        return {name: part.state_dict() for name, part in self._parts().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where `state_dict` was taken."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])

    def _parts(self) -> dict[str, Any]:
        parts = {"network": self.network, "optimizer": self.optimizer, "buffer": self.buffer}
        averaged = {"average": self.average} if self.average is not None else {}
        return parts | averaged | {"batches": self.batches, "generators": self.generators}


def step_metrics(terms: Terms, rate: float, steps: int) -> dict[str, float]:
    """The named metrics of a step, fetched from the device in one go. Raises NotFiniteError if the loss is no usable number."""
    named = {TOTAL: terms.total, NRG: terms.nrg, XE: terms.xe, ACCURACY: terms.accuracy}
    named["JEM/energy_data"] = terms.energy_data.mean()
    if len(terms.energy_samples):
        named["JEM/energy_samples"] = terms.energy_samples.mean()
    with torch.no_grad():
        extra = torch.tensor([rate, steps], device=terms.loss.device)
        values = torch.stack([terms.loss, *named.values(), *extra]).tolist()
    metrics = dict(zip([*named, "optimizer/rate", "sgld/steps"], values[1:], strict=True))
    if not all(math.isfinite(v) for v in values) or abs(values[0]) > LOSS_LIMIT:
        shown = ", ".join(f"{name} = {value:.4g}" for name, value in metrics.items() if name in (TOTAL, NRG, XE))
        raise NotFiniteError(f"the loss is {values[0]:.4g} ({shown})")
    return metrics
