"""The Metropolis-adjusted Langevin algorithm (MALA, doi 10.2307/3318418) at the temperature that the settings of SGLD imply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.sampling.reflection import log_normal, log_reflected_normal, reflected
from jem_tui.jem.sampling.sampler import SamplingTask
from jem_tui.jem.sampling.sgld import clamp_gradient


@dataclass(frozen=True, kw_only=True)
class Position:
    """States of the chains with their energies and gradients, which a proposal and its acceptance need."""

    x: Tensor
    """Shape (n, channels, height, width)."""
    energy: Tensor
    """E(x) in nats, shape (n,)."""
    gradient: Tensor
    """∇E(x), clamped to the task's `grad_clamp`, in the shape of `x`."""


def mala(task: SamplingTask) -> Iterator[Tensor]:
    """Yield chains after each of K steps that leave the density ∝ exp(−E(x)/T) invariant, with T = σ²/(2α).

    A proposal x' is an SGLD step with step size α and noise σ. It is accepted with the Metropolis–Hastings probability
    min(1, exp((E(x) − E(x'))/T) q(x|x') / q(x'|x)), so that a clamped gradient changes only the proposals, not the density.
    With `clip`, the density is restricted to [−1, 1]: the drift is clipped, and the noise is reflected at the borders. K steps
    need K + 1 gradients.
    """
    point = at(task, task.x.clamp(-1, 1) if task.clip else task.x)
    for _ in range(task.steps):
        point = transition(task, point)
        yield point.x


def transition(task: SamplingTask, point: Position) -> Position:
    """Return the chains after one proposal, accepted or rejected, at the step size and noise of the task."""
    proposal = at(task, proposed(task, point))
    log_ratio = log_acceptance(task, point, proposal)
    task.observe_acceptance(log_ratio.exp().clamp(max=1).nan_to_num(0.0))
    # The comparison is false for NaN, so that a proposal without a finite energy is rejected.
    return chosen(task.uniform().log() < log_ratio, proposal, point)


def at(task: SamplingTask, x: Tensor) -> Position:
    """Return `x` with its energies and its clamped gradient."""
    energy, gradient = task.energy_and_gradient(x)
    return Position(x=x, energy=energy, gradient=clamp_gradient(gradient, task.grad_clamp))


def drift(task: SamplingTask, point: Position) -> Tensor:
    """Return the mean of a proposal before reflection, x − α clamp(∇E(x)) clipped to the box, in the shape of the chains."""
    mean = point.x - task.step_size * point.gradient
    return mean.clamp(-1, 1) if task.clip else mean


def proposed(task: SamplingTask, point: Position) -> Tensor:
    """Draw the next states, in the shape of the chains."""
    x = drift(task, point) + task.noise_scale * task.normal()
    return reflected(x) if task.clip else x


def log_acceptance(task: SamplingTask, point: Position, proposal: Position) -> Tensor:
    """Return the log of the Metropolis–Hastings ratio of each proposal, shape (n,); a proposal is accepted with probability min(1, ratio)."""
    log_density = log_reflected_normal if task.clip else log_normal
    forward = log_density(proposal.x, drift(task, point), task.noise_scale)
    back = log_density(point.x, drift(task, proposal), task.noise_scale)
    return (point.energy - proposal.energy) / task.temperature + back - forward


def chosen(accepted: Tensor, these: Position, those: Position) -> Position:
    """Return `these` where `accepted` (n,) is true, and `those` elsewhere."""
    rows = accepted.view(-1, *[1] * (these.x.ndim - 1))
    return Position(
        x=torch.where(rows, these.x, those.x),
        energy=torch.where(accepted, these.energy, those.energy),
        gradient=torch.where(rows, these.gradient, those.gradient),
    )
