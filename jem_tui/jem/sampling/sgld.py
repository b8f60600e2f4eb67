"""Stochastic gradient Langevin dynamics on the energy (arXiv 1912.03263, eq. 2, with step and noise decoupled)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.model.networks import energy, logits_of_classes

Energy = Callable[[Tensor], Tensor]
"""From images (n, channels, height, width) to energies (n,)."""


@dataclass(frozen=True, kw_only=True)
class SgldScalars:
    """Settings of `SgldConfig` as scalars at fixed addresses on a device, where they can change without a new graph."""

    step_size: Tensor
    noise_scale: Tensor

    @classmethod
    def on(cls, device: torch.device) -> SgldScalars:
        """Create scalars of value 0."""
        return cls(**{field.name: torch.zeros((), device=device) for field in fields(cls)})

    def fill(self, config: SgldConfig) -> None:
        """Set every scalar to the setting of the same name."""
        for field in fields(self):
            getattr(self, field.name).fill_(getattr(config, field.name))


def clamp_gradient(gradient: Tensor, limit: float) -> Tensor:
    """Return a gradient whose components are clamped to [−limit, limit]; a limit of 0 leaves it unchanged."""
    return gradient.clamp(-limit, limit) if limit else gradient


def ignore(gradient: Tensor) -> None:
    """Discard the gradient."""


@dataclass(frozen=True)
class NetworkEnergy:
    """The energy that a classifier's logits define: E(x), or E(x, y) = −f(x)[y] (arXiv 1912.03263, eq. 4) with a class for each image."""

    network: Callable[[Tensor], Tensor]
    classes: Tensor | None = None
    """The class of each image, shape (n,)."""
    guidance: float = 0.0
    """The weight w of guidance by class: with classes, the energy is (1 + w) E(x, y) − w E(x) = E(x, y) − w log p(y|x).

    It is that of p(x|y) p(y|x)ʷ, up to a constant of y (classifier guidance, arXiv 2105.05233; the combination, arXiv 2207.12598).
    """

    def __call__(self, x: Tensor) -> Tensor:
        """Return the energies (n,) of images (n, channels, height, width)."""
        logits = self.network(x)
        if self.classes is None:
            return energy(logits)
        joint = -logits_of_classes(logits, self.classes)
        return joint + self.guidance * (joint - energy(logits)) if self.guidance else joint

    def slope(self, logits: Tensor) -> Tensor:
        """Return ∂E/∂f, shape (n, classes): −softmax(f) for E(x), −1 at the class for E(x, y), and their combination with guidance."""
        if self.classes is None:
            return torch.softmax(logits, dim=1).neg_()
        slope = torch.zeros_like(logits).scatter_(1, self.classes[:, None], -1.0 - self.guidance)
        return slope.add_(torch.softmax(logits, dim=1), alpha=self.guidance) if self.guidance else slope


def energy_gradient(energy_of: Energy, x: Tensor) -> Tensor:
    """Return ∇_x E(x) in the shape of `x`.

    Only the gradient with respect to the input is asked for: weights keep their `.grad` and `requires_grad`, and no
    gradient for them is computed. The network's mode is not touched. The energies of a network are not computed themselves.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        if isinstance(energy_of, NetworkEnergy):
            logits = energy_of.network(x)
            slope = energy_of.slope(logits.detach())
            # With a slope as an argument, torch imports sympy, which takes longer than a step on a CPU; a GPU saves kernels
            outputs = (logits, x, slope) if x.is_cuda else ((logits * slope).sum(), x)
            (gradient,) = torch.autograd.grad(*outputs)
        else:
            (gradient,) = torch.autograd.grad(energy_of(x).sum(), x)
    return gradient


def sgld_step(
    energy_of: Energy,
    x: Tensor,
    config: SgldConfig,
    generator: torch.Generator,
    observe: Callable[[Tensor], object] = ignore,
    scalars: SgldScalars | None = None,
) -> Tensor:
    """Take one step of a batch of chains, x ← x − α clamp(∇E(x)) + σ ε; `observe` receives ∇E(x) before the clamp.

    α and σ are the settings in `config`, or the tensors in `scalars` on the device of `x`.
    """
    gradient = energy_gradient(energy_of, x)
    observe(gradient)
    gradient = clamp_gradient(gradient, config.grad_clamp)
    noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    if scalars is None:
        moved = noise.mul_(config.noise_scale).add_(x.detach()).sub_(gradient, alpha=config.step_size)
    else:
        moved = torch.addcmul(x.detach(), noise, scalars.noise_scale).addcmul_(gradient, scalars.step_size, value=-1)
    return moved.clamp_(-1, 1) if config.clip else moved


def steps_in_epoch(config: SgldConfig, epoch: int) -> int:
    """Return K of an epoch (counted from 0), which grows linearly up to `max_steps`."""
    grown = int(config.steps + config.steps_growth * epoch)
    return max(config.steps, min(config.max_steps, grown))
