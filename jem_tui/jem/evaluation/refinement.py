"""JEM-K: classification of images after K SGLD steps (arXiv 1912.03263, section 5.4)."""

from __future__ import annotations

import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.evaluation.scores import Logits
from jem_tui.jem.sampling.sampler import Sampler, sampling_task, states
from jem_tui.jem.sampling.sgld import NetworkEnergy


def refined(
    network: Logits, config: SgldConfig, steps: int, generator: torch.Generator, sampler: Sampler | None = None
) -> Logits:
    """Return a pipeline that refines its input with `steps` steps of the run's sampler and then classifies it.

    The pipeline is differentiable through the steps and their gradients. Every call, by attacker or defender, draws the noise
    of each step from `generator`. Clipping to [−1, 1] has the derivative of the identity: its true derivative is zero on the
    whole background of MNIST, which would mask the gradient from the attacker without making the network robust.
    Any other sampler than SGLD, which need not be differentiable, has the derivative of the identity as a whole (BPDA, arXiv 1802.00420);
    the attack is then weaker than one through the true derivative.
    """
    if sampler is not None and steps:
        return lambda x: network(x + (moved(network, x, config, steps, generator, sampler) - x).detach())

    def pipeline(x: Tensor) -> Tensor:
        for _ in range(steps):
            x = refine(network, x, config, generator)
        return network(x)

    return pipeline if steps else network


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
    if config.grad_clamp:
        gradient = gradient.clamp(-config.grad_clamp, config.grad_clamp)
    noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    moved = x + config.step_size * gradient + config.noise_scale * noise
    if config.clip:
        moved = moved + (moved.clamp(-1, 1) - moved).detach()
    return moved if through else moved.detach()
