"""The denoising term: a regression of the energy's gradient on noise that was added to images.

    JEM/denoising = mean ‖α∇E(x + σε) − 0.1σε‖² / (0.05 + σ)²,    ε ~ N(0, I),  σ ~ U(0, largest)

α is the step size of SGLD, so that one SGLD step without noise removes a tenth of σε from an image. The squared norm is the sum over
pixels, the mean is over images.

This is denoising score matching (Vincent 2011, doi:10.1162/NECO_a_00142): among functions of the noisy image x̃ alone, the regression
on σε is minimal at x̃ − E[x | x̃] = −σ² ∇log p_σ(x̃). The factor 0.1/α replaces 1/σ² because one energy without σ as an input
serves all σ, as the chains need it. The denominator, as λ(σ) of arXiv 1907.05600 (eq. 6), gives large and small σ about equal weight;
0.05 keeps σ near 0 from dominating.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from jem_tui.errors import InputError
from jem_tui.jem.model.networks import energy
from jem_tui.plugins.user_code import describe_exception

REMOVED = 0.1
"""Share of the noise that one SGLD step is to remove."""
OFFSET = 0.05
"""Addend to σ in the denominator."""


@dataclass(frozen=True, kw_only=True)
class NoisyImages:
    """Images with Gaussian noise of a known size."""

    x: Tensor
    """Noisy images x + σε, shape (n, channels, height, width)."""
    noise: Tensor
    """The noise σε in the shape of `x`."""
    sigma: Tensor
    """Its standard deviation in each image, shape (n, 1, 1, 1)."""


def noisy_images(x: Tensor, largest: float, generator: torch.Generator) -> NoisyImages:
    """Return images (n, channels, height, width) with noise, σ uniform up to `largest` for each image."""
    sigma = largest * torch.rand(len(x), 1, 1, 1, generator=generator, device=x.device)
    noise = sigma * torch.randn(x.shape, generator=generator, device=x.device)
    return NoisyImages(x=x + noise, noise=noise, sigma=sigma)


def denoising_loss(network: Callable[[Tensor], Tensor], noisy: NoisyImages, step_size: float) -> Tensor:
    """Return the denoising term, a scalar with a graph; `network` maps images to logits and must be twice differentiable.

    `step_size` is α.
    """
    with torch.enable_grad():
        x = noisy.x.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(energy(network(x)).sum(), x, create_graph=True)
    residual = (step_size * gradient - REMOVED * noisy.noise) / (OFFSET + noisy.sigma)
    return residual.square().sum() / len(x)


def check_twice_differentiable(name: str, network: nn.Module, forward: Callable[[Tensor], Tensor], x: Tensor) -> None:
    """Raise InputError unless the denoising term of images `x` (n, …) has finite gradients of the weights of the network `name`.

    `forward` is the forward function of training, which may be compiled.
    """
    noisy = NoisyImages(x=x, noise=torch.zeros_like(x), sigma=torch.ones_like(x[:, :1, :1, :1]))
    devices = [x.device] if x.device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=devices):
            # torch.autograd.grad, in contrast, overlooks operations that refuse to be differentiated twice.
            torch.autograd.backward(denoising_loss(forward, noisy, 1.0))
        finite = all(each.grad.isfinite().all() for each in network.parameters() if each.grad is not None)
        cause = "" if finite else "they are not finite"
    except RuntimeError as error:
        cause = describe_exception(error)
    network.zero_grad(set_to_none=True)
    if cause:
        raise InputError(
            f"objective.denoising needs second derivatives, which the network {name} does not have: {cause}.",
            "Leave out -s objective.denoising, or replace the operation that is named.",
        )
