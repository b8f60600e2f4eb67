"""Replica exchange (parallel tempering, doi 10.1143/JPSJ.65.1604) between two temperatures."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from jem_tui.jem.sampling.sampler import SamplingTask
from jem_tui.jem.sampling.sgld import clamp_gradient


def tempered(task: SamplingTask, ratio: float) -> Iterator[Tensor]:
    """Yield chains after each of K SGLD steps, between which a chain may exchange its state with its hot replica.

    The chain moves at T = σ²/(2α), its replica at `ratio` · T, which is SGLD with noise σ √`ratio`. The exchange leaves the product
    of both densities invariant. A replica exists for one batch and starts from the state of its chain: it needs many steps to
    reach the density of its own temperature. K steps need 2 K gradients.
    """
    cold, hot = task.x, task.x.clone()
    for k in range(task.steps):
        hot_energy, hot_gradient = task.energy_and_gradient(hot)
        cold_energy, cold_gradient = task.energy_and_gradient(cold)
        # Before the first step both states are equal: an exchange would change nothing, but count as accepted.
        if k:
            log_ratio = log_exchange(cold_energy, hot_energy, task.temperature, ratio)
            task.observe_acceptance(log_ratio.exp().clamp(max=1).nan_to_num(0.0))
            # The comparison is false for NaN.
            swapped = (task.uniform().log() < log_ratio).view(-1, *[1] * (cold.ndim - 1))
            cold, hot = exchanged(swapped, cold, hot)
            cold_gradient, hot_gradient = exchanged(swapped, cold_gradient, hot_gradient)
        cold = stepped(task, cold, cold_gradient, task.noise_scale)
        hot = stepped(task, hot, hot_gradient, task.noise_scale * math.sqrt(ratio))
        yield cold


def log_exchange(cold: Tensor, hot: Tensor, temperature: float, ratio: float) -> Tensor:
    """Return the log probability ratio (n,) of exchanging states with energies (n,): (1/T − 1/(`ratio` T)) (E_cold − E_hot)."""
    return (cold - hot) * ((1 - 1 / ratio) / temperature)


def exchanged(swapped: Tensor, one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Return both tensors with their rows exchanged where `swapped` (n, 1, …) is true."""
    return torch.where(swapped, other, one), torch.where(swapped, one, other)


def stepped(task: SamplingTask, x: Tensor, gradient: Tensor, noise: float) -> Tensor:
    """Return `x` after an SGLD step with noise of this standard deviation."""
    moved = x - task.step_size * clamp_gradient(gradient, task.grad_clamp) + noise * task.normal()
    return moved.clamp_(-1, 1) if task.clip else moved
