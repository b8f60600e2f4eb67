"""Projected gradient descent (PGD, arXiv 1706.06083) on pixels in [0, 1]; a network with inputs in [−1, 1] receives 2 ε."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from jem_tui.jem.evaluation.attack_losses import Loss, log_odds
from jem_tui.jem.evaluation.scores import Logits

STEPS = 20
REACH = 2.5
"""Total length of all steps in ε, enough to cross the ball from any start."""

Norm = Literal["linf", "l2"]


@dataclass(frozen=True, kw_only=True)
class Ball:
    """The operations of an attack in one norm; every tensor has the shape of the images."""

    start: Callable[[Tensor, torch.Generator], Tensor]
    """A random point of the unit ball, one for each image."""
    climb: Callable[[Tensor], Tensor]
    """The step of norm 1 that increases a linear function with this gradient most."""
    project: Callable[[Tensor, float], Tensor]
    """The nearest shift whose norm is at most ε."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The pipeline under attack, and what the attacker differentiates."""

    judge: Logits
    """Decides whether an image is misclassified."""
    surrogate: Logits | None = None
    """Gives the gradients of the attack; None for the judge itself."""
    draws: int = 1
    """Calls over whose noise a gradient is averaged: expectation over transformation, arXiv 1707.07397."""


@dataclass(frozen=True)
class AttackTask:
    """A target, the images to attack, and the ball around each image that an attack may search."""

    target: Target
    pixels: Tensor
    """Images in [0, 1], shape (n, channels, height, width)."""
    labels: Tensor
    """Classes of the images, shape (n,)."""
    norm: Norm
    epsilon: float
    generator: torch.Generator

    def starts(self, rows: Tensor | slice = slice(None)) -> Tensor:
        """Draw a random shift within the ball for each image of `rows`."""
        return self.epsilon * BALLS[self.norm].start(self.pixels[rows], self.generator)


@dataclass(frozen=True, kw_only=True)
class Attacked:
    """Result of an attack on images."""

    pixels: Tensor
    """Attacked images in [0, 1], within ε: the first misclassified point of each image, else the last point tried."""
    survived: Tensor
    """True for images that were classified correctly at every tried point, bool, shape (n,)."""

    @classmethod
    def before(cls, pixels: Tensor) -> Attacked:
        """Return the result of an attack that has tried no point yet."""
        return cls(pixels=pixels.clone(), survived=torch.ones(len(pixels), dtype=torch.bool, device=pixels.device))

    def rows(self) -> Tensor:
        """Return the row numbers of the images that are not broken."""
        return self.survived.nonzero().squeeze(1)


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Answer of a target to images."""

    correct: Tensor
    """True for images that the judge classifies correctly, bool, shape (n,)."""
    loss: Tensor
    """The loss that the attack climbs, shape (n,)."""
    gradient: Tensor
    """Gradient of the loss in the shape of the pixels."""


def pgd(task: AttackTask, steps: int = STEPS, starts: int = 1) -> Attacked:
    """Run PGD from random starts with steps of length 2.5 ε / steps.

    An image is broken, and attacked no further, if a start or the point after any step is misclassified. The target receives
    2 · pixels − 1. The loss is the log odds of error, whose gradient has the direction of the cross-entropy's gradient but does
    not vanish where the network is certain.
    """
    attacked = Attacked.before(task.pixels)
    for _ in range(starts):
        run_pgd(task, attacked, steps)
    return attacked


def run_pgd(task: AttackTask, attacked: Attacked, steps: int) -> None:
    """Attack the surviving images from one random start, and record the tried points in `attacked`."""
    target, pixels, labels, ball = task.target, task.pixels, task.labels, BALLS[task.norm]
    shift = torch.zeros_like(pixels)
    rows = attacked.rows()
    shift[rows] = inside(pixels[rows], task.starts(rows))
    for left in range(steps, -1, -1):
        rows = attacked.rows()
        if not len(rows):
            return
        attacked.pixels[rows] = tried = (pixels[rows] + shift[rows]).clamp(0, 1)
        if not left:
            attacked.survived[rows] = classified(target, tried, labels[rows])
            return
        found = probe(target, tried, labels[rows], labels[rows], log_odds)
        attacked.survived[rows] = found.correct
        further = shift[rows] + REACH * task.epsilon / steps * ball.climb(found.gradient)
        shift[rows] = inside(pixels[rows], ball.project(further, task.epsilon))


def inside(clean: Tensor, shift: Tensor) -> Tensor:
    """Return the shift clipped so that the shifted pixels stay in [0, 1]; its norm does not increase."""
    return (clean + shift).clamp(0, 1) - clean


@torch.no_grad()
def classified(target: Target, pixels: Tensor, labels: Tensor) -> Tensor:
    """Return the images that the judge classifies correctly, bool (n,)."""
    correct: Tensor = target.judge(2 * pixels - 1).argmax(1) == labels
    return correct


def probe(target: Target, pixels: Tensor, labels: Tensor, aims: Tensor, loss: Loss) -> Probe:
    """Return the classification of the target, and its loss and gradient averaged over the draws of its noise."""
    pixels = pixels.detach()
    with torch.enable_grad():
        pixels.requires_grad_()
        logits = (target.surrogate or target.judge)(2 * pixels.repeat(target.draws, 1, 1, 1) - 1)
        drawn = loss(logits, labels.repeat(target.draws), aims.repeat(target.draws))
        losses = drawn.view(target.draws, -1).mean(0)
        (gradient,) = torch.autograd.grad(losses.sum(), pixels)
    judged = logits.detach()[: len(labels)].argmax(1) == labels
    correct = classified(target, pixels.detach(), labels) if target.surrogate else judged
    return Probe(correct=correct, loss=losses.detach(), gradient=gradient)


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
