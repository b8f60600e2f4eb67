"""Scores on images that the model was not trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from jem_tui.jem.evaluation.calibration import expected_calibration_error, reliability
from jem_tui.jem.model.inference import logits_in_chunks

BINS = 40


@torch.no_grad()
def classification_scores(network: nn.Module, pixels: Tensor, labels: Tensor) -> dict[str, float]:
    """Return `accuracy` (a fraction), `xe` (mean −log p(y|x), nats) and `ece` (expected calibration error, a fraction)."""
    logits = logits_in_chunks(network, pixels)
    accuracy = (logits.argmax(1) == labels).float().mean()
    error = expected_calibration_error(reliability(logits.softmax(1), labels))
    return {"accuracy": float(accuracy), "xe": float(F.cross_entropy(logits, labels)), "ece": error}


def energy_histograms(energies: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """Return `edges` (bins + 1,) that span all finite energies, and the counts (bins,) of each name."""
    finite = {name: e[np.isfinite(e)].astype(np.float64) for name, e in energies.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(finite.values())), bins=BINS)
    return {"edges": edges, **{name: np.histogram(e, edges)[0] for name, e in finite.items()}}
