"""One optimizer step of JEM and the state that it changes. What is told of it, and when, is the trainer's business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from jem_tui.config.schema import RunConfig, SgldConfig
from jem_tui.jem.data.image_set import Batches, augment
from jem_tui.jem.learner.adversarial import adversarial as adversarial_images
from jem_tui.jem.learner.execution import Compute
from jem_tui.jem.learner.objective import Batch, Terms, jem_loss
from jem_tui.jem.learner.optimizer import Adam, rate_at
from jem_tui.jem.learner.overrides import Overrides
from jem_tui.jem.learner.step_metrics import fetched, named_metrics
from jem_tui.jem.sampling.chain_pool import ChainPool
from jem_tui.jem.sampling.replay_buffer import ReplayBuffer
from jem_tui.jem.sampling.sgld import class_energy, ignore, network_energy, sgld_step, steps_in_epoch


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

    def seed(self, seed: int, rollbacks: int = 0) -> None:
        """Begin the streams that belong to a seed; after each rewind of a run they are others."""
        sequence = np.random.SeedSequence(seed, spawn_key=(rollbacks,) if rollbacks else ())
        names = tuple(self.__dataclass_fields__)
        for name, state in zip(names, sequence.generate_state(len(names), np.uint64) >> np.uint64(1), strict=True):
            getattr(self, name).manual_seed(int(state))


@dataclass(kw_only=True)
class RecoveryFactors:
    """What rollbacks have changed of the recipe: factors on the learning rate and on K."""

    rate: float = 1.0
    steps: float = 1.0

    def state_dict(self) -> dict[str, float]:
        """Both factors."""
        return {"rate": self.rate, "steps": self.steps}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Continue where `state_dict` was taken."""
        self.rate, self.steps = state["rate"], state["steps"]


@dataclass(kw_only=True)
class GradientNorm:
    """How strongly the energy pulled at the chains in the latest SGLD step; stays on the device until a step is measured."""

    norm: Tensor | None = None
    """Mean over the chains of ‖∇E(x̂)‖₂ before any clamp, a scalar."""

    def observe(self, gradient: Tensor) -> None:
        """Take in ∇E(x̂), shape (n, channels, height, width)."""
        self.norm = gradient.flatten(1).norm(dim=1).mean()


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """A step before its update: the gradients lie in the weights' `.grad`."""

    loss: float
    """The loss that was differentiated."""
    metrics: dict[str, float]
    energy_above_data: Tensor
    """How many nats each chain lies above the images, shape (m,)."""


@dataclass(frozen=True, kw_only=True)
class Learner:
    """Everything that training changes: weights, their average, the optimizer, the chains, the data order, the streams."""

    config: RunConfig
    network: nn.Module
    average: AveragedModel | None
    optimizer: Adam
    chain_pool: ChainPool
    batches: Batches
    generators: Generators
    compute: Compute
    recovery_factors: RecoveryFactors = field(default_factory=RecoveryFactors)
    overrides: Overrides = field(default_factory=Overrides)
    gradient_norm: GradientNorm = field(default_factory=GradientNorm)

    @property
    def buffer(self) -> ReplayBuffer:
        """The replay buffer: the chains that count as samples."""
        return self.chain_pool.buffer

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
        steps = round(self.recovery_factors.steps * steps_in_epoch(self.config.sgld, epoch)) if epoch >= 0 else 0
        return max(1, steps + self.overrides.steps) if steps else 0

    def rate(self, step: int) -> float:
        """The learning rate of optimizer step `step`."""
        return (
            self.overrides.rate_factor * self.recovery_factors.rate * rate_at(step, self.horizon, self.config.optimizer)
        )

    @property
    def sgld(self) -> SgldConfig:
        """The sampler's settings as they are now."""
        settings, factor = self.config.sgld, self.overrides.step_size_factor
        return settings if factor == 1 else replace(settings, step_size=factor * settings.step_size)

    def next_batch(self) -> tuple[Tensor, Tensor]:
        """Images (batch, channels, height, width) around [−1, 1] and labels (batch,).

        Where images are shifted or flipped, as many follow that are not, for E(x); see `objective.jem_loss`.
        """
        return self.augmented(*self.batches.next())

    def augmented(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return `next_batch` of images (batch, channels, height, width) as they are in the data, with their labels (batch,)."""
        data, generator = self.config.data, self.generators.augmentation
        augmented = augment(x, data.noise_scale, data.translate, generator, flipped=data.flip)
        if self.samples_chains and (data.translate or data.flip):
            augmented = torch.cat([augmented, augment(x, data.noise_scale, 0, generator)])
        return augmented, labels

    def step_chains(self, x: Tensor, slots: Tensor) -> Tensor:
        """One SGLD step of the chains in `slots`, each down its own class's energy if the settings say so."""
        return self.descend(x, self.chain_pool.values("label", slots) if self.config.sgld.conditional else None)

    def descend(
        self, x: Tensor, classes: Tensor | None, step_size: Tensor | None = None, observed: bool = True
    ) -> Tensor:
        """Take one SGLD step of chains `x`, down E(x) or, with `classes` (n,), each down E(x, y); `step_size` as in `sgld_step`.

        The gradient is not `observed` where a later step of the same chains will be.
        """
        network = self.compute.sampling
        energy_of = network_energy(network) if classes is None else class_energy(network, classes)
        observe = self.gradient_norm.observe if observed else ignore
        return sgld_step(energy_of, x, self.sgld, self.generators.noise, observe, step_size)

    def measure(self, step: int, batch: tuple[Tensor, Tensor], x_hat: Tensor) -> StepResult:
        """Loss, gradients and metrics on images and on samples x̂ (none while pre-training); no weight is changed."""
        terms, named = self.differentiate(batch, x_hat, self.adversarial(*batch))
        loss, metrics = fetched(terms.loss, named, self.rate(step), self.sgld_steps(step))
        return StepResult(loss=loss, metrics=metrics, energy_above_data=terms.energy_above_data)

    def differentiate(
        self, batch: tuple[Tensor, Tensor], x_hat: Tensor, harder: Tensor
    ) -> tuple[Terms, dict[str, Tensor]]:
        """Return the parts of the loss on images, samples x̂ and adversarial images, and the metrics, all still on the device.

        The gradients of the loss then lie in the weights' `.grad`.
        """
        x, labels = batch
        plain = len(x) - len(labels) if len(x_hat) else 0
        away = self.chain_pool.explorer_count(len(x_hat))
        self.optimizer.zero_grad(set_to_none=True)
        logits = self.compute.training(torch.cat([x[: len(labels) + plain], x_hat, harder]))
        parts = Batch(plain=plain, samples=len(x_hat) - away, explorers=away, adversarial=len(harder))
        terms = jem_loss(logits, labels, self.config.objective, parts)
        torch.autograd.backward(terms.loss)
        return terms, named_metrics(terms, self._gradient_norm(), self.gradient_norm.norm if len(x_hat) else None)

    def update(self, step: int, measured: StepResult, slots: Tensor, x_hat: Tensor) -> None:
        """The optimizer step that was measured, and the chains back into the buffer."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate(step)
        self.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.network)
        if len(slots):
            self.chain_pool.store(slots, x_hat, self.sgld_steps(step), measured.energy_above_data)

    def skip(self, slots: Tensor, x_hat: Tensor) -> None:
        """A step without an update, because of numbers that are not finite; chains that are not finite restart."""
        self.chain_pool.restart(slots[~x_hat.flatten(1).isfinite().all(1)])

    def adversarial(self, x: Tensor, labels: Tensor) -> Tensor:
        """Harder versions of the first images, (count, channels, height, width); none if the settings ask for none."""
        objective = self.config.objective
        count = round(objective.adversarial_share * len(labels)) if objective.adversarial else 0
        if not count:
            return x[:0]
        generator = self.generators.augmentation
        return adversarial_images(self.compute.sampling, x[:count], labels[:count], objective.adversarial, generator)

    def _gradient_norm(self) -> Tensor:
        """L2 norm of the gradient of all weights; it is not finite as soon as one of them is not."""
        return torch.nn.utils.get_total_norm([p.grad for p in self.network.parameters() if p.grad is not None])

    def state_dict(self) -> dict[str, Any]:
        """All of it, for a checkpoint."""
        return {name: part.state_dict() for name, part in self._parts().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where `state_dict` was taken."""
        for name, part in self._parts().items():
            if name in state or name != "knobs":  # which checkpoints of earlier versions do not have
                part.load_state_dict(state[name])

    def _parts(self) -> dict[str, Any]:
        parts = {
            "network": self.network,
            "optimizer": self.optimizer,
            "population": self.chain_pool,
            "caution": self.recovery_factors,
            "knobs": self.overrides,
        }
        averaged = {"average": self.average} if self.average is not None else {}
        return parts | averaged | {"batches": self.batches, "generators": self.generators}
