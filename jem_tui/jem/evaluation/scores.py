"""Scores that should be higher for images like the training data than for others, and the figures that compare two sets by them.

Three scores are those of the paper (arXiv 1912.03263, section 5.3); the fourth measures the next step of a chain.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.model.networks import logits_of_classes
from jem_tui.jem.sampling.sgld import clamp_gradient

CHUNK = 250

Logits = Callable[[Tensor], Tensor]
"""Maps images (n, channels, height, width) in [−1, 1] to logits (n, classes): a network or a pipeline around it."""

LOG_PX = "log_px"
MAX_PY = "max_py"
MASS = "approximate_mass"
STATIONARITY = "stationarity"

SMALLEST_GAIN = 1e-6
"""Change of log p(x) in nats below which differences are rounding errors of single precision."""
KEPT = 0.95
"""Share of the data that passes the threshold of `fpr95`."""


def score_images(network: Logits, pixels: Tensor, sgld: SgldConfig | None = None) -> dict[str, Tensor]:
    """Compute every score of uint8 images (n, channels, height, width) as float64 (n,) on the CPU.

    `log_px` is log p(x) = logsumexp_y f(x)[y] up to the unknown log Z, in nats. `max_py` is −log odds of error, which
    orders images as max p(y|x) does but does not round to 1. `approximate_mass` is −‖∂ log p(x)/∂x‖₂ for x in [−1, 1].
    With `sgld`, `stationarity` is −log |Δ|, where Δ is the change of log p(x) in one SGLD step without noise.
    """
    parts = [_scores(network, as_input(pixels[i : i + CHUNK]), sgld) for i in range(0, len(pixels), CHUNK)]
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def auroc(inside: Tensor, outside: Tensor) -> float:
    """Return the probability that an image of the data, the positive class, scores higher than one from outside.

    Both hold finite scores, shapes (n,) and (m,); ties count half.
    """
    ascending = outside.sort().values
    below = torch.searchsorted(ascending, inside)
    not_above = torch.searchsorted(ascending, inside, right=True)
    return float((below + not_above).double().mean() / (2 * len(outside)))


def fpr95(inside: Tensor, outside: Tensor) -> float:
    """Return the false positive rate at 95 % true positives: the share of images from outside that score at least the threshold.

    The threshold is the highest one that 95 % of the data reach.

    Both hold finite scores, shapes (n,) and (m,). The data is the positive class: 0 is perfect, chance is 0.95.
    """
    threshold = inside.sort().values[rejected(len(inside))]
    return float((outside >= threshold).double().mean())


def rejected(count: int) -> int:
    """Return the largest number of `count` images of the data that may score less than the threshold of `fpr95`."""
    # 0.05 times 100 is slightly more or less than 5 in floating point.
    return int((1 - KEPT) * count + 1e-9)


def log_odds_of_error(logits: Tensor, labels: Tensor) -> Tensor:
    """Return log (1 − p_y) / p_y, shape (n,): logsumexp of the other logits minus the label's logit.

    Its gradient has the direction of the gradient of −log p_y, but does not underflow when p_y rounds to 1.
    """
    others = logits.scatter(1, labels[:, None], -torch.inf)
    return others.logsumexp(1) - logits_of_classes(logits, labels)


def _scores(network: Logits, x: Tensor, sgld: SgldConfig | None) -> dict[str, Tensor]:
    with torch.enable_grad():
        x = x.requires_grad_(True)
        logits = network(x)
        (gradient,) = torch.autograd.grad(logits.logsumexp(1).sum(), x)
    logits = logits.detach().double()
    values = {
        LOG_PX: logits.logsumexp(1),
        MAX_PY: -log_odds_of_error(logits, logits.argmax(1)),
        MASS: -gradient.flatten(1).double().norm(dim=1),
    }
    if sgld is not None:
        after = _log_px_after_step(network, x.detach(), gradient, sgld)
        values[STATIONARITY] = -(after - values[LOG_PX]).abs().clamp(min=SMALLEST_GAIN).log()
    return {name: value.cpu() for name, value in values.items()}


@torch.no_grad()
def _log_px_after_step(network: Logits, x: Tensor, gradient: Tensor, sgld: SgldConfig) -> Tensor:
    """Return log p(x) (n,) after one SGLD step without noise along the gradient of log p(x)."""
    moved = x + sgld.step_size * clamp_gradient(gradient, sgld.grad_clamp)
    logits = network(moved.clamp(-1, 1) if sgld.clip else moved)
    return logits.double().logsumexp(1)
