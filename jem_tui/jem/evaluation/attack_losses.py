"""Losses that an attack maximizes: the larger, the nearer the network is to an error."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from jem_tui.jem.evaluation.scores import log_odds_of_error
from jem_tui.jem.model.networks import logits_of_classes

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Maps logits (n, classes), labels (n,) and the wrong classes (n,) that a targeted attack aims at to losses (n,)."""
TINY = 1e-12


def log_odds(logits: Tensor, labels: Tensor, aims: Tensor) -> Tensor:
    """Return log (1 − p_y) / p_y, shape (n,), which increases with the cross-entropy and does not underflow; `aims` is unused."""
    return log_odds_of_error(logits, labels)


def logit_ratio(logits: Tensor, labels: Tensor, aims: Tensor) -> Tensor:
    """Return the difference-of-logits ratio (DLR, arXiv 2003.01690, equation 6), shape (n,), which no scaling of the logits changes.

    It is (z_other − z_y) / (z₁ − z₃) for the largest other logit and the sorted logits z₁ ≥ z₂ ≥ z₃; `aims` is unused.
    With two classes, which have no z₃, it is the numerator alone.
    """
    own = logits_of_classes(logits, labels)
    other = logits.scatter(1, labels[:, None], -torch.inf).amax(1)
    if logits.shape[1] < 3:
        return other - own
    ranked = logits.topk(3, 1).values
    return (other - own) / (ranked[:, 0] - ranked[:, 2] + TINY)


def targeted_ratio(logits: Tensor, labels: Tensor, aims: Tensor) -> Tensor:
    """Return the difference-of-logits ratio toward the classes `aims` (arXiv 2003.01690, equation 7), shape (n,).

    It is (z_aim − z_y) / (z₁ − (z₃ + z₄) / 2). With fewer than four classes, it is the numerator alone.
    """
    difference = logits_of_classes(logits, aims) - logits_of_classes(logits, labels)
    if logits.shape[1] < 4:
        return difference
    ranked = logits.topk(4, 1).values
    return difference / (ranked[:, 0] - (ranked[:, 2] + ranked[:, 3]) / 2 + TINY)
