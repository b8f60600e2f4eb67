"""Projected gradient descent (PGD, arXiv 1706.06083) on pixels in [0, 1]; a network with inputs in [−1, 1] receives 2 ε."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from jem_tui.jem.evaluation.scores import Logits, log_odds_of_error

STEPS = 20
REACH = 2.5
"""Total length of all steps in ε, enough to cross the ball from any start."""

Norm = Literal["linf", "l2"]


@dataclass(frozen=True, kw_only=True)
class Ball:
    """The operations of PGD in one norm; every tensor has the shape of the images."""

    start: Callable[[Tensor, torch.Generator], Tensor]
    """A random point of the unit ball, one for each image."""
    climb: Callable[[Tensor], Tensor]
    """The unit step that climbs fastest along a gradient."""
    project: Callable[[Tensor, float], Tensor]
    """The nearest shift whose norm is at most ε."""


@dataclass(frozen=True, kw_only=True)
class Attacked:
    """Result of an attack on images."""

    pixels: Tensor
    """Attacked images in [0, 1], within ε: the first misclassified point of each image, else the last point tried."""
    survived: Tensor
    """True for images that were classified correctly at every tried point, bool, shape (n,)."""


def attack(
    pipeline: Logits,
    pixels: Tensor,
    labels: Tensor,
    norm: Norm,
    epsilon: float,
    generator: torch.Generator,
    steps: int = STEPS,
) -> Attacked:
    """Run PGD from a random start with steps of 2.5 ε / steps. An image is broken if any tried point is misclassified.

    `pixels` (n, channels, height, width) in [0, 1]; `pipeline` is given 2 · pixels − 1. Tried are the image itself, the
    start and the point after each step. The attacker climbs the log odds of error, which has the direction of the
    cross-entropy's gradient but does not vanish where the network is certain. Broken images are attacked no further.
    """
    ball = BALLS[norm]
    found, survived = pixels.clone(), torch.ones(len(pixels), dtype=torch.bool, device=pixels.device)
    shift = torch.zeros_like(pixels)
    for done in range(-1, steps + 1):
        rows = survived.nonzero().squeeze(1)
        if not len(rows):
            break
        clean = pixels[rows]
        if done == 0:
            shift[rows] = inside(clean, epsilon * ball.start(clean, generator))
        found[rows] = tried = (clean + shift[rows]).clamp(0, 1)
        correct, gradient = probe(pipeline, tried, labels[rows], wanted=0 <= done < steps)
        survived[rows] = correct
        if gradient is not None:
            further = shift[rows] + REACH * epsilon / steps * ball.climb(gradient)
            shift[rows] = inside(clean, ball.project(further, epsilon))
    return Attacked(pixels=found, survived=survived)


def inside(clean: Tensor, shift: Tensor) -> Tensor:
    """Clip the shift so that the shifted pixels stay in [0, 1], which increases no norm."""
    return (clean + shift).clamp(0, 1) - clean


def probe(pipeline: Logits, pixels: Tensor, labels: Tensor, wanted: bool) -> tuple[Tensor, Tensor | None]:
    """Return the images that are classified correctly (n,) and, if wanted, the gradient of the log odds of error in the shape of the pixels."""
    with torch.set_grad_enabled(wanted):
        pixels = pixels.detach().requires_grad_(wanted)
        logits = pipeline(2 * pixels - 1)
        correct: Tensor = logits.argmax(1) == labels
        if not wanted:
            return correct, None
        (gradient,) = torch.autograd.grad(log_odds_of_error(logits, labels).sum(), pixels)
    return correct, gradient


def lengths(x: Tensor) -> Tensor:
    """Return the L2 norm of each image, shape (n, 1, 1, 1)."""
    length: Tensor = torch.linalg.vector_norm(x, dim=(1, 2, 3), keepdim=True)
    return length


def start_l2(like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw points uniformly from the L2 ball."""
    direction = torch.randn(like.shape, generator=generator, device=like.device)
    radius = torch.rand(len(like), 1, 1, 1, generator=generator, device=like.device) ** (1 / like[0].numel())
    return radius * climb_l2(direction)


def climb_l2(gradient: Tensor) -> Tensor:
    """Normalize the gradient of each image to length 1; a zero gradient stays zero."""
    direction: Tensor = gradient / lengths(gradient).clamp(min=1e-30)
    return direction


def project_l2(shift: Tensor, epsilon: float) -> Tensor:
    """Scale shifts that are longer than ε to length ε."""
    return shift * (epsilon / lengths(shift).clamp(min=1e-30)).clamp(max=1)


def start_linf(like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw points uniformly from the cube [−1, 1]."""
    return torch.rand(like.shape, generator=generator, device=like.device).mul_(2).sub_(1)


def project_linf(shift: Tensor, epsilon: float) -> Tensor:
    """Clip each value to [−ε, ε]."""
    return shift.clamp(-epsilon, epsilon)


BALLS: Mapping[Norm, Ball] = {
    "linf": Ball(start=start_linf, climb=torch.sign, project=project_linf),
    "l2": Ball(start=start_l2, climb=climb_l2, project=project_l2),
}
