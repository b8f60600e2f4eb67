"""Short evaluation during training: reliability, and out-of-distribution detection by log p(x)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from jem_tui.jem.evaluation.calibration import reliability
from jem_tui.jem.evaluation.ood_sets import make_ood_sets
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy

IMAGES = 200
"""Number of images of each built-in set and of the split; scoring takes less than 1 % of the training time."""


class Assessor:
    """Holds images of a split, uint8 pixels (n, channels, height, width) with labels (n,), and the sets made from them."""

    def __init__(self, pixels: Tensor, labels: Tensor) -> None:
        self._pixels = pixels
        self._labels = labels

    @cached_property
    def _others(self) -> dict[str, Tensor]:
        return make_ood_sets(self._pixels, self._labels, seed=0, count=IMAGES)

    @torch.no_grad()
    def assess(self, network: nn.Module) -> dict[str, Any]:
        """Return the fields of an `Assessed` event without sets whose scores are not finite."""
        bins = reliability(logits_in_chunks(network, self._pixels).double().softmax(1), self._labels)
        inside = -energy(logits_in_chunks(network, self._pixels[:IMAGES])).double()
        others = {name: -energy(logits_in_chunks(network, x)).double() for name, x in self._others.items()}
        return {
            "confidence": tuple(b.confidence for b in bins),
            "accuracy": tuple(b.accuracy for b in bins),
            "share": tuple(b.share for b in bins),
            "auroc": {name: rank_auroc(inside, x) for name, x in others.items() if x.isfinite().all()},
        }


def rank_auroc(inside: Tensor, outside: Tensor) -> float:
    """Return the value of scikit-learn's `roc_auc_score`, whose import would take a second.

    The probability that a score of `inside` (n,) is higher than one of `outside` (m,); ties count half.
    """
    ascending = outside.sort().values
    below = torch.searchsorted(ascending, inside)
    not_above = torch.searchsorted(ascending, inside, right=True)
    return float((below + not_above).double().mean() / (2 * len(outside)))
