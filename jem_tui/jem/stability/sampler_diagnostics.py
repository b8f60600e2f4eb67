"""Diagnostics of the sampler, from chains that it moves at fixed weights: half from the replay buffer, half restarted.

Chains of training are of no use for them: the model changes between two visits of a chain, and a chain is visited too rarely.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SAMPLERS, SgldConfig
from jem_tui.config.schema import INITIAL_DISTRIBUTIONS, RunConfig
from jem_tui.config.stability import steps_between_diagnoses
from jem_tui.jem.data.image_set import as_pixels
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.undisturbed import undisturbed
from jem_tui.jem.ranks.agreed import agreed
from jem_tui.jem.sampling.chain_diagnostics import autocovariances, ess_bulk, rhat
from jem_tui.jem.sampling.sampler import Sampler, SamplingTask, sampling_task, states
from jem_tui.jem.sampling.sgld import NetworkEnergy, clamp_gradient, ignore, sgld_step

CHAINS = 8
"""Number of chains from the buffer, and of restarted chains, on all ranks together."""
VISITS = 16
"""Number of visits of each chain; a visit has K steps, as one in training has."""


@dataclass(kw_only=True)
class StepFigures:
    """Figures of single steps of the sampler on the first `rows` chains, each a scalar for one step."""

    config: SgldConfig
    rows: int
    drift: list[Tensor] = field(default_factory=list)
    clipped: list[Tensor] = field(default_factory=list)
    moved: list[Tensor] = field(default_factory=list)

    def observe(self, gradient: Tensor) -> None:
        """Compute the norm of the step along ∇E(x), shape (n, channels, height, width), over the expected norm of the noise."""
        clamped = clamp_gradient(gradient[: self.rows], self.config.grad_clamp).flatten(1)
        noise = self.config.noise_scale * math.sqrt(clamped.shape[1])
        self.drift.append(self.config.step_size * clamped.norm(dim=1).mean() / noise)

    def compare(self, before: Tensor, after: Tensor) -> None:
        """Compute the shares of pixels that a step has put on a border of [−1, 1], and whose gray level it has changed."""
        before, after = before[: self.rows], after[: self.rows]
        self.clipped.append((after.abs() == 1).float().mean())
        self.moved.append((as_pixels(before) != as_pixels(after)).float().mean())

    def named(self) -> dict[str, Tensor]:
        """Return the means over all steps, scalars by tag; without noise no ratio, without clipping no share of clipped pixels."""
        kept = {"sgld/moved": self.moved}
        kept |= {"sgld/gradient_over_noise": self.drift} if self.drift else {}
        kept |= {"sgld/clipped": self.clipped} if self.config.clip else {}
        return {tag: torch.stack(values).mean() for tag, values in kept.items()}


def is_diagnosed(learner: Learner, step: int) -> bool:
    """Return whether diagnostics are due at the health check of a step that moves chains by parts of the program alone."""
    due = step % steps_between_diagnoses(learner.config.stability.snapshot_every, learner.buffer.x.device.type) == 0
    return due and learner.sgld_steps(step) > 0 and not has_own_code(learner.config)


def has_own_code(config: RunConfig) -> bool:
    """Return whether sampler or initial distribution are of the user, whose code must not be called more often than in training."""
    return config.sgld.sampler not in SAMPLERS or config.buffer.init not in INITIAL_DISTRIBUTIONS


@torch.no_grad()
def diagnose_sampler(learner: Learner, step: int) -> dict[str, float]:
    """Return the diagnostics of the sampler before optimizer step `step` by tag, without those that are not finite.

    Random numbers come from a stream of their own, which depends on seed, step and rank alone. All ranks return the numbers of rank 0.
    Raises LocalFailureError on all ranks if any fails.
    """
    ranks = learner.ranks
    energies, figures = agreed(ranks, lambda: move_chains(learner, step))
    steps = {tag: ranks.mean(value) for tag, value in figures.items()}
    every = ranks.gather(energies)
    found = agreed(
        ranks, lambda: {tag: float(value) for tag, value in steps.items()} | of_energies(every.cpu().double())
    )
    numbers = ranks.numbers(*found.values())[0]
    return {tag: value for tag, value in zip(found, numbers, strict=True) if math.isfinite(value)}


def move_chains(learner: Learner, step: int) -> tuple[Tensor, dict[str, Tensor]]:
    """Return E(x̂) of this rank's chains after each visit, shape (2n, visits), and figures of single steps, scalars by tag."""
    figures = StepFigures(config=learner.sgld, rows=max(1, learner.ranks.share(CHAINS)))
    with undisturbed(learner.network):
        return torch.stack(list(visited_energies(learner, step, figures)), 1), figures.named()


def visited_energies(learner: Learner, step: int, figures: StepFigures) -> Iterator[Tensor]:
    """Yield E(x̂) (2n,) after each visit of n chains of the buffer, which the figures describe, and n restarted chains."""
    config, count, initial = learner.sgld, figures.rows, learner.chain_pool.initial
    generator = own_stream(learner, step)
    labels = initial.labels(count, generator)
    x = torch.cat([learner.buffer.x[:count], initial.draw(count, generator, labels)])
    classes = None if labels is None else torch.cat([learner.buffer.label[:count], labels])
    energy, followed = NetworkEnergy(learner.network), NetworkEnergy(learner.network, classes, config.guidance)
    observe = figures.observe if config.noise_scale else ignore
    for _ in range(VISITS):
        task = sampling_task(x, followed, learner.sgld_steps(step), config, generator, observe)
        for after in moves(learner.sampler, config, task):
            figures.compare(x, after)
            x = after.clone()
        yield energy(x)


def moves(sampler: Sampler | None, config: SgldConfig, task: SamplingTask) -> Iterator[Tensor]:
    """Yield the chains after each of the task's steps, moved by a sampler; by SGLD if it is None."""
    if sampler is not None:
        yield from states(sampler, task)
        return
    x = task.x
    for _ in range(task.steps):
        x = sgld_step(task.energy, x, config, task.generator, task.observe)
        yield x


def of_energies(energies: Tensor) -> dict[str, float]:
    """Return the diagnostics of energies of all ranks, shape (ranks, 2n, visits), by tag; of each rank, the first n chains are of the buffer."""
    of_buffer = energies[:, : energies.shape[1] // 2].flatten(0, 1)
    return {
        "sgld/autocorrelation": autocorrelation(of_buffer),
        "sgld/ess_bulk": ess_bulk(of_buffer) / of_buffer.numel(),
        "sgld/rhat": rhat(energies.flatten(0, 1)),
    }


def autocorrelation(values: Tensor) -> float:
    """Return the mean lag-1 autocorrelation of chains (n, draws); NaN where a chain is constant."""
    covariances = autocovariances(values)
    return float((covariances[:, 1] / covariances[:, 0]).mean())


def own_stream(learner: Learner, step: int) -> torch.Generator:
    """Return a random stream for the diagnostics of a step alone."""
    seed, rank = learner.config.train.seed, learner.ranks.rank
    state = np.random.SeedSequence(seed, spawn_key=(step, rank, CHAINS)).generate_state(1, np.uint64)[0]
    return torch.Generator(learner.buffer.x.device).manual_seed(int(state >> np.uint64(1)))
