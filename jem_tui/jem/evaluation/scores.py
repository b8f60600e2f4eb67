"""Three scores that should be higher for images like the training data than for others (arXiv 1912.03263, section 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from jem_tui.jem.data.image_set import as_input

CHUNK = 250

Logits = Callable[[Tensor], Tensor]
"""Maps images (n, channels, height, width) in [−1, 1] to logits (n, classes): a network or a pipeline around it."""

LOG_PX = "log_px"
MAX_PY = "max_py"
MASS = "approximate_mass"
SCORES: Mapping[str, str] = {
    LOG_PX: "log p(x)",
    MAX_PY: "max p(y|x)",
    MASS: "approximate mass",
}
"""The printed name of each score."""


def score_images(network: Logits, pixels: Tensor) -> dict[str, Tensor]:
    """Compute every score of uint8 images (n, channels, height, width) as float64 (n,) on the CPU.

    `log_px` is log p(x) = logsumexp_y f(x)[y] up to the unknown log Z, in nats. `max_py` is −log odds of error, which
    orders images as max p(y|x) does but does not round to 1. `approximate_mass` is −‖∂ log p(x)/∂x‖₂ for x in [−1, 1].
    """
    parts = [_scores(network, as_input(pixels[i : i + CHUNK])) for i in range(0, len(pixels), CHUNK)]
    return {name: torch.cat([part[name] for part in parts]) for name in SCORES}


def auroc(inside: Tensor, outside: Tensor) -> float:
    """Return the probability that an image of the data, the positive class, scores higher than one from outside.

    Both hold finite scores, shapes (n,) and (m,); ties count half.
    """
    ascending = outside.sort().values
    below = torch.searchsorted(ascending, inside)
    not_above = torch.searchsorted(ascending, inside, right=True)
    return float((below + not_above).double().mean() / (2 * len(outside)))


def log_odds_of_error(logits: Tensor, labels: Tensor) -> Tensor:
    """Return log (1 − p_y) / p_y, shape (n,): logsumexp of the other logits minus the label's logit.

    Its gradient has the direction of the gradient of −log p_y, but does not underflow when p_y rounds to 1.
    """
    own = logits.gather(1, labels[:, None]).squeeze(1)
    others = logits.scatter(1, labels[:, None], -torch.inf)
    return others.logsumexp(1) - own


def _scores(network: Logits, x: Tensor) -> dict[str, Tensor]:
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
    return {name: value.cpu() for name, value in values.items()}
