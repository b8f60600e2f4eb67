"""Evaluation of a network during its training: scores on validation images, histograms of energies, and OOD detection."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from jem_tui.jem.evaluation.calibration import expected_calibration_error, reliability
from jem_tui.jem.evaluation.ood_sets import make_ood_sets
from jem_tui.jem.evaluation.scores import auroc
from jem_tui.jem.model.inference import shared_logits
from jem_tui.jem.model.networks import energy
from jem_tui.jem.ranks.ranks import ALONE, Ranks

BINS = 40
"""Number of bins in the histograms of energies."""
IMAGES = 200
"""Number of images of each built-in set and of the split; scoring takes less than 1 % of the training time."""


@torch.no_grad()
def classification_scores(network: nn.Module, pixels: Tensor, labels: Tensor, ranks: Ranks = ALONE) -> dict[str, float]:
    """Return `accuracy` (a fraction), `xe` (mean −log p(y|x), nats) and `ece` (expected calibration error, a fraction)."""
    logits = shared_logits(network, pixels, ranks)
    accuracy = (logits.argmax(1) == labels).float().mean()
    error = expected_calibration_error(reliability(logits.softmax(1), labels))
    return {"accuracy": float(accuracy), "xe": float(F.cross_entropy(logits, labels)), "ece": error}


def energy_histograms(energies: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """Return `edges` (bins + 1,) that span all finite energies, and the counts (bins,) of each name."""
    finite = {name: e[np.isfinite(e)].astype(np.float64) for name, e in energies.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(finite.values())), bins=BINS)
    return {"edges": edges, **{name: np.histogram(e, edges)[0] for name, e in finite.items()}}


class Assessor:
    """Holds images of a split, uint8 pixels (n, channels, height, width) with labels (n,), and the sets made from them."""

    def __init__(self, pixels: Tensor, labels: Tensor, ranks: Ranks = ALONE) -> None:
        self._pixels = pixels
        self._labels = labels
        self._ranks = ranks

    @cached_property
    def _others(self) -> dict[str, Tensor]:
        return make_ood_sets(self._pixels, self._labels, seed=0, count=IMAGES)

    @torch.no_grad()
    def assess(self, network: nn.Module) -> dict[str, Any]:
        """Return the fields of an `Assessed` event without sets whose scores are not finite."""
        ranks = self._ranks
        bins = reliability(shared_logits(network, self._pixels, ranks).double().softmax(1), self._labels)
        inside = -energy(shared_logits(network, self._pixels[:IMAGES], ranks)).double()
        others = {name: -energy(shared_logits(network, x, ranks)).double() for name, x in self._others.items()}
        return {
            "confidence": tuple(b.confidence for b in bins),
            "accuracy": tuple(b.accuracy for b in bins),
            "share": tuple(b.share for b in bins),
            "auroc": {name: auroc(inside, x) for name, x in others.items() if x.isfinite().all()},
        }
