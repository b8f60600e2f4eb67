"""Auto-PGD (APGD, arXiv 2003.01690): PGD with momentum whose step is halved, per image, where the loss stops improving."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from jem_tui.jem.evaluation.attack_losses import Loss, log_odds, targeted_ratio
from jem_tui.jem.evaluation.attacks import BALLS, Attacked, AttackTask, Ball, Norm, Target, inside, probe

STEPS = 100
INERTIA = 0.25
"""Weight of the previous move."""
RISING = 0.75
"""Share of rising steps between two checkpoints below which the step is halved."""
FIRST, LEAST, SHRINK = 0.22, 0.06, 0.03
"""Shares of all steps: the first distance between checkpoints, the smallest one, and its decrease at every checkpoint."""


@dataclass(kw_only=True)
class PgdState:
    """State of Auto-PGD for the images that are not broken; every tensor has one row for each image."""

    rows: Tensor
    """Row numbers among all images."""
    clean: Tensor
    labels: Tensor
    aims: Tensor
    shift: Tensor
    previous: Tensor
    """The shift before the last step."""
    loss: Tensor
    gradient: Tensor
    best_shift: Tensor
    best_loss: Tensor
    best_gradient: Tensor
    step: Tensor
    """Length of the next step, shape (n, 1, 1, 1)."""
    rises: Tensor
    """Number of steps since the last checkpoint that increased the loss."""
    checked_loss: Tensor
    """The best loss at the last checkpoint."""
    halved: Tensor
    """True where the last checkpoint halved the step, and before the first checkpoint, which therefore tests the rises alone."""

    def keep(self, mask: Tensor) -> None:
        """Drop the rows where `mask` is false."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name)[mask])

    def points(self) -> Tensor:
        """Return the shifted pixels."""
        return (self.clean + self.shift).clamp(0, 1)


def auto_pgd(
    target: Target,
    pixels: Tensor,
    labels: Tensor,
    norm: Norm,
    epsilon: float,
    start: Tensor,
    steps: int = STEPS,
    loss: Loss = log_odds,
    aims: Tensor | None = None,
) -> Attacked:
    """Run Auto-PGD from the shifts `start`, which have the shape of `pixels` (n, channels, height, width) in [0, 1] and norms of at most ε.

    An image is broken if the start or the point after any step is misclassified; it is then attacked no further. A targeted
    `loss` needs the wrong classes `aims` (n,).
    """
    ball, attacked = BALLS[norm], Attacked.before(pixels)
    search = opened(pixels, labels, labels if aims is None else aims, inside(pixels, start), epsilon)
    observe(search, attacked, target, loss)
    search.checked_loss, search.rises = search.best_loss, torch.zeros_like(search.rises)
    until = pause = max(int(FIRST * steps), 1)
    for done in range(1, steps + 1):
        if not len(search.rows):
            break
        move(search, ball, epsilon, INERTIA if done > 1 else 0.0)
        observe(search, attacked, target, loss)
        if done == until:
            adapt(search, pause)
            pause = max(pause - max(int(SHRINK * steps), 1), max(int(LEAST * steps), 1))
            until += pause
    return attacked


def toward_other_classes(task: AttackTask, classes: int, steps: int = STEPS) -> Attacked:
    """Run targeted Auto-PGD toward each of the likeliest `classes` wrong classes in order, on the images that are not broken."""
    target, pixels, labels = task.target, task.pixels, task.labels
    attacked = Attacked.before(pixels)
    with torch.no_grad():
        logits = (target.surrogate or target.judge)(2 * pixels - 1)
    wrong = logits.scatter(1, labels[:, None], -torch.inf).argsort(1, descending=True)[:, :-1]
    for aims in wrong[:, :classes].unbind(1):
        rows = attacked.rows()
        if not len(rows):
            break
        found = auto_pgd(
            *(target, pixels[rows], labels[rows], task.norm, task.epsilon),
            *(task.starts(rows), steps, targeted_ratio, aims[rows]),
        )
        attacked.pixels[rows], attacked.survived[rows] = found.pixels, found.survived
    return attacked


def opened(clean: Tensor, labels: Tensor, aims: Tensor, shift: Tensor, epsilon: float) -> PgdState:
    """Return the state before the first point is tried."""
    lowest = torch.full((len(clean),), -torch.inf, dtype=clean.dtype, device=clean.device)
    return PgdState(
        rows=torch.arange(len(clean), device=clean.device),
        clean=clean,
        labels=labels,
        aims=aims,
        shift=shift,
        previous=shift,
        loss=lowest,
        gradient=torch.zeros_like(clean),
        best_shift=shift,
        best_loss=lowest,
        best_gradient=torch.zeros_like(clean),
        step=torch.full_like(clean[:, :1, :1, :1], 2 * epsilon),
        rises=torch.zeros_like(labels),
        checked_loss=lowest,
        halved=torch.ones_like(labels, dtype=torch.bool),
    )


def move(search: PgdState, ball: Ball, epsilon: float, inertia: float) -> None:
    """Take one step along the gradient, mixed with the previous move, within the ball and within [0, 1]."""
    clean, shift = search.clean, search.shift
    ahead = inside(clean, ball.project(shift + search.step * ball.climb(search.gradient), epsilon))
    mixed = shift + (1 - inertia) * (ahead - shift) + inertia * (shift - search.previous)
    search.previous, search.shift = shift, inside(clean, ball.project(mixed, epsilon))


def observe(search: PgdState, attacked: Attacked, target: Target, loss: Loss) -> None:
    """Probe the current points, record them in `attacked`, drop the broken images and update the best points."""
    points = search.points()
    found = probe(target, points, search.labels, search.aims, loss)
    attacked.pixels[search.rows], attacked.survived[search.rows] = points, found.correct
    search.rises = search.rises + (found.loss > search.loss)
    search.loss, search.gradient = found.loss, found.gradient
    better = found.loss > search.best_loss
    wide = better[:, None, None, None]
    search.best_loss = torch.where(better, found.loss, search.best_loss)
    search.best_shift = torch.where(wide, search.shift, search.best_shift)
    search.best_gradient = torch.where(wide, found.gradient, search.best_gradient)
    search.keep(found.correct)


def adapt(search: PgdState, steps: int) -> None:
    """Halve the step and return to the best point where too few of the last `steps` steps rose, or nothing improved since the last checkpoint."""
    stuck = ~search.halved & (search.checked_loss >= search.best_loss)
    search.halved = (search.rises <= RISING * steps) | stuck
    wide = search.halved[:, None, None, None]
    search.step = torch.where(wide, search.step / 2, search.step)
    search.shift = torch.where(wide, search.best_shift, search.shift)
    search.gradient = torch.where(wide, search.best_gradient, search.gradient)
    search.checked_loss, search.rises = search.best_loss, torch.zeros_like(search.rises)
