"""JEM-K: classification of images after K SGLD steps (arXiv 1912.03263, section 5.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.evaluation.attacks import Target
from jem_tui.jem.evaluation.scores import Logits
from jem_tui.jem.sampling.sampler import Sampler, sampling_task, states
from jem_tui.jem.sampling.sgld import NetworkEnergy, clamp_gradient

Route = Literal["through", "bpda", "transfer"]
"""The gradient that an attack on refinement uses.

`through` differentiates the SGLD steps, including the gradients inside them. `bpda` replaces their derivative by that of the
identity (backward pass differentiable approximation, arXiv 1802.00420). `transfer` differentiates the network without refinement
and classifies each point with the whole pipeline.
"""


def refined(
    network: Logits,
    config: SgldConfig,
    steps: int,
    generator: torch.Generator,
    sampler: Sampler | None = None,
    route: Route = "through",
) -> Logits:
    """Return a pipeline that refines its input with `steps` steps of the run's sampler and then classifies it.

    Every call draws the noise of each step from `generator`. On the route `through`, the pipeline is differentiable through the
    steps and their gradients, except that clipping to [−1, 1] has the derivative of the identity: its true derivative is zero on
    the whole background of MNIST, which would hide the gradient from the attacker without making the network robust. Samplers
    other than SGLD, which need not be differentiable, have the derivative of the identity on every route.
    """
    if not steps:
        return network
    if sampler is not None:
        return straight_through(network, lambda x: moved(network, x, config, steps, generator, sampler))

    def move(x: Tensor) -> Tensor:
        for _ in range(steps):
            x = refine(network, x, config, generator)
        return x

    return straight_through(network, move) if route == "bpda" else lambda x: network(move(x))


def straight_through(network: Logits, move: Callable[[Tensor], Tensor]) -> Logits:
    """Return the network behind `move`, which has the derivative of the identity."""
    return lambda x: network(x + (move(x.detach()) - x).detach())


def refined_target(
    network: Logits,
    config: SgldConfig,
    steps: int,
    generator: torch.Generator,
    sampler: Sampler | None,
    route: Route,
    draws: int,
) -> Target:
    """Return the network behind `steps` steps of refinement as the target of an attack whose gradients take `route`."""
    judge = refined(network, config, steps, generator, sampler, route)
    return Target(judge=judge, surrogate=network if route == "transfer" and steps else None, draws=draws)


def moved(
    network: Logits, x: Tensor, config: SgldConfig, steps: int, generator: torch.Generator, sampler: Sampler
) -> Tensor:
    """Return images `x` (n, channels, height, width) after `steps` steps of a sampler other than SGLD."""
    *_, last = states(sampler, sampling_task(x, NetworkEnergy(network), steps, config, generator))
    return last


def refine(network: Logits, x: Tensor, config: SgldConfig, generator: torch.Generator) -> Tensor:
    """Return x + α clamp(∂ log p(x)/∂x) + σ ε, clipped to [−1, 1], for x (n, channels, height, width); keeps the graph if x has one."""
    through = torch.is_grad_enabled() and x.requires_grad
    with torch.enable_grad():
        x = x if through else x.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(network(x).logsumexp(1).sum(), x, create_graph=through)
    noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    moved = x + config.step_size * clamp_gradient(gradient, config.grad_clamp) + config.noise_scale * noise
    if config.clip:
        moved = moved + (moved.clamp(-1, 1) - moved).detach()
    return moved if through else moved.detach()
