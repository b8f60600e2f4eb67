"""The state that training changes, and the parts of an optimizer step; `stepping` puts the parts together."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from jem_tui.config.rank_sizes import chains_in_batch, denoised_in_batch, plain_in_batch
from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.config.schema import RunConfig
from jem_tui.events.commands import Adjustable
from jem_tui.jem.data.image_set import Batches, augment
from jem_tui.jem.learner.adversarial import adversarial
from jem_tui.jem.learner.denoising import denoising_loss, noisy_images
from jem_tui.jem.learner.execution import Compute
from jem_tui.jem.learner.failed_metrics import FailedMetrics
from jem_tui.jem.learner.generators import Generators
from jem_tui.jem.learner.objective import BatchSizes, LossTerms, jem_loss
from jem_tui.jem.learner.optimizer import Adam
from jem_tui.jem.learner.overrides import ADJUSTMENTS, Overrides, RecoveryFactors
from jem_tui.jem.learner.rank_row import RankRow
from jem_tui.jem.learner.run_time import RunTime
from jem_tui.jem.learner.schedule import MOST_EPOCHS, energy_weight_at, rate_at, steps_of_run
from jem_tui.jem.learner.step_batch import TrainBatch
from jem_tui.jem.learner.step_metrics import SamplerMetrics
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.jem.sampling.chain_pool import ChainPool
from jem_tui.jem.sampling.chains import Chains
from jem_tui.jem.sampling.sampler import Sampler, sampling_task, states
from jem_tui.jem.sampling.sgld import Energy, NetworkEnergy, SgldScalars, ignore, sgld_step, steps_in_epoch


@dataclass(frozen=True, kw_only=True)
class Learner:
    """Everything that training changes: weights, their average, optimizer, chains, data order and random streams."""

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
    sampler_metrics: SamplerMetrics = field(default_factory=SamplerMetrics)
    sampler: Sampler | None = None
    """The sampler that replaces SGLD."""
    run_time: RunTime = field(default_factory=RunTime)
    ranks: Ranks = ALONE
    """The ranks that train the model together."""
    rank_row: RankRow = field(default_factory=RankRow)
    """The numbers that the ranks exchange with the metrics of each step."""
    failed_metrics: FailedMetrics = field(default_factory=FailedMetrics)
    """The failure of metrics of health checks, without which the run continues."""

    @property
    def buffer(self) -> Chains:
        """The replay buffer: the chains that count as samples."""
        return self.chain_pool.buffer

    @property
    def evaluated(self) -> nn.Module:
        """The network that is scored: the average of the weights if one is kept."""
        return self.average if self.average is not None else self.network

    @property
    def horizon(self) -> float:
        """The number of optimizer steps after which the run ends at the latest; infinity if only a time budget ends it."""
        return steps_of_run(self.config.train, self.batches.steps_per_epoch)

    @property
    def samples_chains(self) -> bool:
        """True if any epoch moves chains; otherwise the run trains a plain classifier."""
        return steps_in_epoch(self.config.sgld, (self.config.train.epochs or MOST_EPOCHS) - 1) > 0

    @property
    def chains_per_step(self) -> int:
        """The number of this rank's chains in the batch of a step, explorers included."""
        return self.ranks.share(chains_in_batch(self.config))

    @property
    def sgld(self) -> SgldConfig:
        """The sampler's settings with the user's overrides, except K."""
        return self.overrides.apply_to_sgld(self.config.sgld)

    def sgld_steps(self, step: int) -> int:
        """Return K of optimizer step `step`; 0 in the epochs that train the classifier alone."""
        epoch = step // self.batches.steps_per_epoch - self.config.train.pretrain_epochs
        steps = round(self.recovery_factors.steps * steps_in_epoch(self.config.sgld, epoch)) if epoch >= 0 else 0
        return int(self.overrides.apply("sgld.steps", steps))

    def epoch(self, step: int) -> int:
        """Return the number of epochs that are completed after `step` optimizer steps."""
        return step // self.batches.steps_per_epoch

    def progress(self, step: int) -> float:
        """Return the share of the run that is done before optimizer step `step`: the larger of the shares of steps and of time."""
        time = self.run_time
        return max(step / max(1, self.horizon), time.before(step) / time.budget)

    def rate(self, step: int) -> float:
        """Return the learning rate of optimizer step `step`."""
        scheduled = rate_at(step, self.progress(step), self.config.optimizer)
        return self.overrides.apply("optimizer.rate", self.recovery_factors.rate) * scheduled

    @property
    def weighs_energy(self) -> bool:
        """True if the energy term has a weight other than 1 in any step."""
        objective = self.config.objective
        return (objective.energy_weight, objective.energy_weight_end) != (1, 1)

    def energy_weight(self, step: int) -> float:
        """Return the weight of the energy term in the loss of optimizer step `step`."""
        return energy_weight_at(self.progress(step), self.config.objective, self.config.optimizer.cooldown)

    @property
    def adjustable(self) -> tuple[Adjustable, ...]:
        """The settings that can be adjusted: without chains, none of the sampler."""
        return tuple(name for name in ADJUSTMENTS if self.samples_chains or not name.startswith("sgld."))

    def adjustable_value(self, name: Adjustable, step: int) -> float:
        """Return the value of an adjustable setting for optimizer step `step`."""
        match name:
            case "sgld.steps":
                return float(self.sgld_steps(step))
            case "optimizer.rate":
                return self.rate(step)
            case _:
                value: float = getattr(self.sgld, name.removeprefix("sgld."))
                return value

    def augment(self, x: Tensor, labels: Tensor) -> TrainBatch:
        """Return the batch of images (n, channels, height, width) in [−1, 1] with labels (n,), augmented as configured."""
        data, generator = self.config.data, self.generators.augmentation
        augmented = augment(x, data.noise_scale, data.translate, generator, flipped=data.flip, erased=data.erase)
        plain, noisy = None, None
        count = self.ranks.share(plain_in_batch(self.config))
        if self.samples_chains and count:
            plain = augment(x[:count], data.noise_scale, 0, generator)
        if self.samples_chains and self.config.objective.denoising:
            count = self.ranks.share(denoised_in_batch(self.config))
            unmoved = augmented if plain is None else plain
            rows = unmoved[:count] if count <= len(unmoved) else augment(x[:count], data.noise_scale, 0, generator)
            noisy = noisy_images(rows, self.config.objective.denoising_noise, generator)
        return TrainBatch(augmented=augmented, plain=plain, labels=labels, noisy=noisy)

    def moves(
        self, x: Tensor, classes: Tensor | None, steps: int, scalars: SgldScalars
    ) -> Generator[Tensor, None, None]:
        """Yield the states of chains from `x` (n, …) after each of K = `steps` steps of the sampler, as `descend` takes them.

        Raises PluginError where a sampler of the user fails.
        """
        if self.sampler is None:
            for k in range(1, steps + 1):
                x = self.descend(x, classes, scalars, observed=k == steps)
                yield x
            return
        # A sampler of the user may compute no gradient.
        self.sampler_metrics.clear()
        observe, accept = self.sampler_metrics.observe, self.sampler_metrics.observe_acceptance
        task = sampling_task(x, self.energy_of(classes), steps, self.sgld, self.generators.noise, observe, accept)
        yield from states(self.sampler, task)

    def descend(
        self, x: Tensor, classes: Tensor | None, scalars: SgldScalars | None = None, observed: bool = True
    ) -> Tensor:
        """Take one SGLD step of chains `x` (n, …) down E(x) or, with `classes` (n,), down E(x, y); `scalars` as in `sgld_step`.

        The norm of the gradient is computed only if `observed`, which the last SGLD step of an optimizer step suffices for.
        """
        observe = self.sampler_metrics.observe if observed else ignore
        return sgld_step(self.energy_of(classes), x, self.sgld, self.generators.noise, observe, scalars)

    def energy_of(self, classes: Tensor | None) -> Energy:
        """Return the function E(x) or, with `classes` (n,), E(x, y), guided as configured."""
        return NetworkEnergy(self.compute.sampling, classes, self.config.sgld.guidance)

    def loss_terms(
        self,
        batch: TrainBatch,
        x_hat: Tensor | None,
        adversarial_images: Tensor | None,
        energy_weight: Tensor | None = None,
    ) -> LossTerms:
        """Return the terms of the loss from one forward pass, and a second one of the noisy images of a step with chains.

        `x_hat` are the states of the chains, explorers last, `adversarial_images` harder versions of the first images, `energy_weight`
        is the scalar weight of the energy term; None for 1.
        """
        chains = 0 if x_hat is None else len(x_hat)
        explorers = self.chain_pool.explorer_count(chains)
        plain = None if x_hat is None else batch.plain
        sizes = BatchSizes(
            plain=0 if plain is None else len(plain),
            samples=chains - explorers,
            explorers=explorers,
            adversarial=0 if adversarial_images is None else len(adversarial_images),
        )
        rows = [x for x in (batch.augmented, plain, x_hat, adversarial_images) if x is not None]
        logits = self.compute.training(torch.cat(rows))
        objective = self.config.objective
        terms = jem_loss(logits, batch.labels, objective, sizes, self.ranks, energy_weight)
        if x_hat is None or batch.noisy is None:
            return terms
        term = denoising_loss(self.compute.twice, batch.noisy, self.config.sgld.step_size)
        return terms.with_denoising(term, objective.denoising)

    def differentiate(self, terms: LossTerms) -> Tensor:
        """Leave the gradients of the loss in the weights' `.grad`, the means over all ranks, and return their L2 norm, a scalar."""
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(terms.loss)
        return self.optimizer.prepare_gradients(self.ranks)

    def adversarial(self, batch: TrainBatch) -> Tensor | None:
        """Return adversarial versions (count, channels, height, width) of the first images; None if the settings ask for none."""
        objective = self.config.objective
        count = round(objective.adversarial_share * len(batch.labels)) if objective.adversarial else 0
        if not count:
            return None
        images, labels = batch.augmented[:count], batch.labels[:count]
        return adversarial(self.compute.sampling, images, labels, objective.adversarial, self.generators.augmentation)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of every part, for a checkpoint or a snapshot."""
        return {name: part.state_dict() for name, part in self._parts().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore every part from a state returned by `state_dict`."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])

    def _parts(self) -> dict[str, Any]:
        """Return the parts of the state by their names in checkpoints, which stay when fields are renamed."""
        parts = {
            "network": self.network,
            "optimizer": self.optimizer,
            "population": self.chain_pool,
            "caution": self.recovery_factors,
            "knobs": self.overrides,
        }
        averaged = {"average": self.average} if self.average is not None else {}
        return parts | averaged | {"batches": self.batches, "generators": self.generators}
