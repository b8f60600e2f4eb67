"""Underdamped (kinetic) Langevin dynamics with the BAOAB integrator (arXiv 1203.5428)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from torch import Tensor

from jem_tui.jem.sampling.sampler import SamplingTask
from jem_tui.jem.sampling.sgld import clamp_gradient


def underdamped(task: SamplingTask, friction: float) -> Iterator[Tensor]:
    """Yield chains after each of K steps of a motion with momentum, at the temperature T = σ²/(2α).

    With time step h = √(2α) and velocity v, `motion` is m = h v, whose equilibrium distribution is N(0, σ²). One step is

        m ← m − α ∇E(x);  x ← x + m/2;  m ← c m + σ √(1 − c²) ε;  x ← x + m/2;  m ← m − α ∇E(x),    c = exp(−`friction`).

    With large friction, positions move as in SGLD with the noise averaged over two steps (Leimkuhler and Matthews). No chain
    keeps its motion between two batches; each batch draws m from its equilibrium distribution. With `clip`, the borders of
    [−1, 1] stop a pixel, so that pixels are at the borders more often than under the density, as with SGLD. K steps need K + 1
    gradients.
    """
    kept = math.exp(-friction)
    fresh = task.noise_scale * math.sqrt(1 - kept**2)
    x, motion = task.x.clamp(-1, 1) if task.clip else task.x, task.noise_scale * task.normal()
    kick = kick_at(task, x)
    for _ in range(task.steps):
        x, motion = drifted(task, x, motion - kick)
        x, motion = drifted(task, x, kept * motion + fresh * task.normal())
        kick = kick_at(task, x)
        motion = motion - kick
        yield x


def kick_at(task: SamplingTask, x: Tensor) -> Tensor:
    """Return α clamp(∇E(x)), half of the change of the motion in one step."""
    return task.step_size * clamp_gradient(task.gradient(x), task.grad_clamp)


def drifted(task: SamplingTask, x: Tensor, motion: Tensor) -> tuple[Tensor, Tensor]:
    """Return position and motion after half a step of free motion; with `clip`, the motion of a pixel ends at a border."""
    x = x + motion / 2
    if not task.clip:
        return x, motion
    inside = x.clamp(-1, 1)
    return inside, motion.masked_fill(inside != x, 0.0)
