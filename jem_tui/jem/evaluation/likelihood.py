"""The likelihood of images under exp(−E(x)) / Z on [−1, 1]^d, by annealed importance sampling (AIS, arXiv physics/9803008).

AIS from uniform noise gives a lower bound on log Z in expectation. AIS in reverse, from samples of the density, gives an upper bound
(bidirectional Monte Carlo, arXiv 1511.02543). Exact samples are not available here: the reverse runs start from chains of the
replay buffer after MALA steps at temperature 1, so that the upper bound is approximate, and a wide gap shows chains that do not mix.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor

from jem_tui.jem.evaluation.intervals import Interval, mean_interval
from jem_tui.jem.sampling.mala import at, transition
from jem_tui.jem.sampling.sampler import SamplingTask
from jem_tui.jem.sampling.sgld import Energy

WANTED_ACCEPTANCE = 0.6
LARGEST_STEP, SMALLEST_STEP = 0.1, 1e-7
PIXEL_BITS = 7.0
"""log₂ 128: each of the 256 values of a pixel is an interval of width 1/128 in [−1, 1], so that P = p / 128 per dimension."""


@dataclass(frozen=True, kw_only=True)
class PartitionBounds:
    """Estimates of log Z in nats for the density on [−1, 1]^d at temperature 1."""

    lower: float
    """Estimate of AIS from uniform noise, at most log Z in expectation."""
    upper: float
    """Estimate of AIS in reverse, at least log Z in expectation if its chains start from the density."""
    acceptance: float
    """Mean probability that MALA accepts a step in both runs."""


@dataclass(frozen=True, kw_only=True)
class Likelihood:
    """Bits per dimension of 8-bit images under the energy's own density at temperature 1."""

    images: int
    chains: int
    temperatures: int
    """Intermediate densities of AIS."""
    step_size: float
    """Step size α of MALA at temperature 1, with noise √(2α)."""
    partition: PartitionBounds
    bits_lower: float
    """Bits per dimension with the lower bound on log Z, and so a lower bound on the bits."""
    bits_lower_interval: Interval
    bits_upper: float
    """Bits per dimension with the approximate upper bound on log Z."""
    bits_upper_interval: Interval
    of_sampler: str
    """The reason why the figures do not describe the run's sampler; empty if it samples exp(−E(x)) / Z."""


def log_partition(
    energy: Energy,
    samples: Tensor,
    chains: int,
    temperatures: int,
    step_size: float,
    generator: torch.Generator,
    progress: Callable[[float], None] = lambda fraction: None,
) -> PartitionBounds:
    """Return bounds on log Z; `samples` (n, channels, height, width) in [−1, 1] are the starts of the reverse runs."""
    seen: list[Tensor] = []
    steps = torch.linspace(0, 1, temperatures + 1).square().tolist()
    noise = torch.rand(chains, *samples.shape[1:], generator=generator, device=samples.device) * 2 - 1
    task = unit_task(energy, noise, step_size, generator, seen)
    log_volume = samples[0].numel() * math.log(2)
    forward = annealed(task, noise, steps, lambda part: progress(part / 2))
    reverse = annealed(replace(task, x=samples), samples, steps[::-1], lambda part: progress((1 + part) / 2))
    return PartitionBounds(
        lower=log_volume + log_mean_exp(forward),
        upper=log_volume - log_mean_exp(reverse),
        acceptance=float(torch.stack([one.mean() for one in seen]).mean()),
    )


def annealed(task: SamplingTask, x: Tensor, betas: list[float], progress: Callable[[float], None]) -> Tensor:
    """Return the log weights (n,) of chains that move from `x` through the densities ∝ exp(−βE) in the order of `betas`."""
    point = at(task, x)
    weights = torch.zeros(len(x), dtype=torch.float64, device=x.device)
    for number, (before, beta) in enumerate(pairwise(betas), start=1):
        weights -= (beta - before) * point.energy.double()
        if beta:
            # Step βα with the noise of α is MALA on βE, whose temperature is 1.
            point = transition(replace(task, step_size=beta * task.step_size), point)
        progress(number / (len(betas) - 1))
    return weights


def unit_task(
    energy: Energy, x: Tensor, step_size: float, generator: torch.Generator, seen: list[Tensor]
) -> SamplingTask:
    """Return the task of MALA on [−1, 1]^d at temperature 1; `seen` receives the probabilities of acceptance."""
    return SamplingTask(
        x=x,
        energy=energy,
        steps=1,
        step_size=step_size,
        noise_scale=math.sqrt(2 * step_size),
        grad_clamp=0.0,
        clip=True,
        generator=generator,
        observe_acceptance=seen.append,
    )


def settled(
    energy: Energy,
    x: Tensor,
    steps: int,
    generator: torch.Generator,
    progress: Callable[[float], None] = lambda fraction: None,
) -> tuple[Tensor, float]:
    """Return chains after `steps` MALA steps at temperature 1 from `x` (n, …), and the adapted step size, which AIS keeps.

    The step size is halved after a step whose mean acceptance is below `WANTED_ACCEPTANCE`, and otherwise multiplied by 1.2.
    """
    step_size, point = LARGEST_STEP, None
    for number in range(steps):
        seen: list[Tensor] = []
        task = unit_task(energy, x, step_size, generator, seen)
        point = transition(task, point or at(task, x))
        low = float(seen[0].mean()) < WANTED_ACCEPTANCE
        step_size = max(SMALLEST_STEP, step_size / 2) if low else min(LARGEST_STEP, step_size * 1.2)
        progress(number / steps)
    return (point.x if point else x), step_size


def log_mean_exp(values: Tensor) -> float:
    """Return the log of the mean of exponentials."""
    return float(values.logsumexp(0)) - math.log(len(values))


def bits_per_dimension(energies: Tensor, log_z: float, dimensions: int, seed: int) -> tuple[float, Interval]:
    """Return mean (E + log Z) / (d log 2) + log₂ 128 of 8-bit images with energies E (n,) and d dimensions, with its bootstrap interval."""
    bits = (energies.double().cpu() + log_z) / (dimensions * math.log(2)) + PIXEL_BITS
    return float(bits.mean()), mean_interval(bits, seed)


def dequantised(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Return uint8 pixels as real values in [−1, 1], drawn uniformly within the width of each value (arXiv 1511.01844)."""
    within = torch.rand(pixels.shape, generator=generator, device=pixels.device)
    return (pixels + within) / 128 - 1
