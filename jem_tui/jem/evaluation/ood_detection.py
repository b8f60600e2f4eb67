"""Out-of-distribution detection: one AUROC for each set and score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from jem_tui.errors import JemError
from jem_tui.jem.evaluation.scores import LOG_PX, Logits, auroc, score_images

BINS = 50
DATA = "test images"
"""The name of the data itself among the histograms."""


@dataclass(frozen=True, kw_only=True)
class Separation:
    """AUROC of the data against one set; the data is the positive class, ½ is chance, below ½ the set looks more likely."""

    name: str
    images: int
    auroc: Mapping[str, float]
    """AUROC by score: `log_px`, `max_py`, `approximate_mass`."""


@dataclass(frozen=True, kw_only=True)
class DensityHistogram:
    """Histograms of log p(x) of the data and of every set, up to one unknown constant, over common bins."""

    edges: tuple[float, ...]
    """Edges of the bins in nats, ascending, shape (bins + 1,)."""
    counts: Mapping[str, tuple[int, ...]]
    """Number of images in each bin by the name of the set; `test images` is the data."""


@dataclass(frozen=True, kw_only=True)
class Detection:
    """AUROC of all sets, and the histograms of log p(x)."""

    images: int
    """Number of test images."""
    sets: tuple[Separation, ...]
    log_px: DensityHistogram


def detection(
    network: Logits,
    pixels: Tensor,
    sets: Mapping[str, Tensor],
    progress: Callable[[float], None] = lambda fraction: None,
) -> Detection:
    """Compare test images with every set, all uint8 (n, channels, height, width). Raises JemError if a score is not finite."""
    scored: dict[str, dict[str, Tensor]] = {}
    for name, images in {DATA: pixels, **sets}.items():
        progress(len(scored) / (len(sets) + 1))
        scored[name] = score_images(network, images)
        if not all(values.isfinite().all() for values in scored[name].values()):
            raise JemError(f"The network's scores of {name} are not finite.", "Evaluate an earlier checkpoint.")
    inside = scored[DATA]
    separations = tuple(
        Separation(
            name=name,
            images=len(images),
            auroc={score: auroc(inside[score], outside) for score, outside in scored[name].items()},
        )
        for name, images in sets.items()
    )
    values = {name: found[LOG_PX] for name, found in scored.items()}
    return Detection(images=len(pixels), sets=separations, log_px=histogram(values))


def histogram(values: Mapping[str, Tensor]) -> DensityHistogram:
    """Return counts over `BINS` common bins that span all values."""
    arrays = {name: value.numpy() for name, value in values.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(arrays.values())), bins=BINS)
    counts = {name: tuple(np.histogram(array, edges)[0].tolist()) for name, array in arrays.items()}
    return DensityHistogram(edges=tuple(edges.tolist()), counts=counts)
