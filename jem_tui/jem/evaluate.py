"""Scores on images that the model was not trained on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from jem_tui.jem.evaluation.calibration import expected_calibration_error, reliability
from jem_tui.jem.images import as_input

CHUNK = 250
BINS = 40


def logits_in_chunks(network: nn.Module, x: Tensor) -> Tensor:
    """Logits (n, classes) without a graph, of images that are uint8 or already in [−1, 1]; memory stays bounded."""
    return torch.cat(list(_chunks(network, x)))


@torch.no_grad()
def classification_scores(network: nn.Module, pixels: Tensor, labels: Tensor) -> dict[str, float]:
    """`accuracy` (a fraction), `xe` (mean −log p(y|x), nats) and `ece` (expected calibration error, a fraction)."""
    logits = logits_in_chunks(network, pixels)
    accuracy = (logits.argmax(1) == labels).float().mean()
    error = expected_calibration_error(reliability(logits.softmax(1), labels))
    return {"accuracy": float(accuracy), "xe": float(F.cross_entropy(logits, labels)), "ece": error}


def energy_histograms(energies: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """`edges` (bins + 1,) that hold every finite energy of all, and by the name of each its counts (bins,)."""
    finite = {name: e[np.isfinite(e)].astype(np.float64) for name, e in energies.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(finite.values())), bins=BINS)
    return {"edges": edges, **{name: np.histogram(e, edges)[0] for name, e in finite.items()}}


def _chunks(network: nn.Module, x: Tensor) -> Iterator[Tensor]:
    for start in range(0, len(x), CHUNK):
        chunk = x[start : start + CHUNK]
        with torch.no_grad():
            logits: Tensor = network(as_input(chunk) if chunk.dtype == torch.uint8 else chunk)
        yield logits
