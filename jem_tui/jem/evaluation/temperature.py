"""Temperature scaling: division of the logits by one number, which calibrates p(y|x) (arXiv 1706.04599, section 4.2)."""

from __future__ import annotations

import math

from torch import Tensor

from jem_tui.jem.model.networks import logits_of_classes

COLDEST, HOTTEST = 0.1, 10.0
"""Limits of the temperature: the loss has no minimum between them if all images are classified correctly, or if logits carry no information."""
HALVINGS = 60


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Return the temperature T that minimises the mean of −log softmax(f / T)[y], for logits (n, classes) and labels (n,).

    The loss is convex in the inverse temperature, so that bisection of its derivative finds the only minimum.
    """
    logits = logits.double()
    own = logits_of_classes(logits, labels)
    low, high = math.log(1 / HOTTEST), math.log(1 / COLDEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if slope(logits, own, math.exp(middle)) > 0 else (middle, high)
    return math.exp(-(low + high) / 2)


def slope(logits: Tensor, own: Tensor, inverse: float) -> float:
    """Return the derivative of the mean loss with respect to the inverse temperature; `own` are the logits of the labels (n,)."""
    expected = ((logits * inverse).softmax(1) * logits).sum(1)
    return float((expected - own).mean())
