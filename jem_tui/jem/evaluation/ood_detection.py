"""Out-of-distribution detection: AUROC and FPR95 for each set and score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.errors import JemError
from jem_tui.jem.evaluation.outside_sets import FONT_DIGITS, LETTERS, OutsideSet
from jem_tui.jem.evaluation.scores import LOG_PX, STATIONARITY, Logits, score_images
from jem_tui.jem.evaluation.separation import Separation, separation
from jem_tui.jem.evaluation.typicality import TYPICALITY, Typicality

BINS = 50
DATA = "test images"
"""The name of the data itself among the histograms."""


@dataclass(frozen=True, kw_only=True)
class DensityHistogram:
    """Histograms of log p(x) of the data and of every set, up to one unknown constant, over common bins."""

    edges: tuple[float, ...]
    """Edges of the bins in nats, ascending, shape (bins + 1,)."""
    counts: Mapping[str, tuple[int, ...]]
    """Number of images in each bin by the name of the set; `test images` is the data."""


@dataclass(frozen=True, kw_only=True)
class Detection:
    """Separation of the data from all sets, and the histograms of log p(x)."""

    images: int
    """Number of test images."""
    sets: tuple[Separation, ...]
    control: Separation | None
    """Letters against digits of the same font, the positive class: detection of letters that cannot rely on the font."""
    validation_images: int
    """Number of validation images that standardise `typicality`."""
    log_px: DensityHistogram

    @property
    def compared(self) -> tuple[Separation, ...]:
        """All sets, followed by letters against digits of the same font where both were drawn."""
        return (*self.sets, *([self.control] if self.control else []))


def detection(
    network: Logits,
    pixels: Tensor,
    sets: Mapping[str, OutsideSet],
    validation: Tensor,
    sgld: SgldConfig,
    seed: int = 0,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Detection:
    """Compare test images with every set, all uint8 (n, channels, height, width). Raises JemError if a score is not finite.

    `validation` are images of the data that standardise `typicality`, whose step is that of `sgld`. `seed` decides the resamples of intervals.
    """
    typicality = Typicality.of_validation(finite_scores(network, "validation images", validation, sgld))
    scored: dict[str, dict[str, Tensor]] = {}
    for name, images in {DATA: pixels, **{name: found.pixels for name, found in sets.items()}}.items():
        progress(len(scored) / (len(sets) + 1))
        scores = finite_scores(network, name, images, sgld)
        scored[name] = scores | {TYPICALITY: typicality(scores)}
        del scored[name][STATIONARITY]
    return Detection(
        images=len(pixels),
        sets=tuple(separation(name, one.group, scored[DATA], scored[name], seed) for name, one in sets.items()),
        control=font_control(scored, seed),
        validation_images=len(validation),
        log_px=histogram({name: found[LOG_PX] for name, found in scored.items()}),
    )


def font_control(scored: Mapping[str, Mapping[str, Tensor]], seed: int) -> Separation | None:
    """Compare letters with digits of the same font, or return None where either was not drawn."""
    if LETTERS not in scored or FONT_DIGITS not in scored:
        return None
    name = f"{LETTERS} vs {FONT_DIGITS}"
    return separation(name, "control", scored[FONT_DIGITS], scored[LETTERS], seed)


def finite_scores(network: Logits, name: str, pixels: Tensor, sgld: SgldConfig) -> dict[str, Tensor]:
    """Return all scores of images. Raises JemError if a score is not finite."""
    scores = score_images(network, pixels, sgld)
    if not all(values.isfinite().all() for values in scores.values()):
        raise JemError(f"The network's scores of {name} are not finite.", "Evaluate an earlier checkpoint.")
    return scores


def histogram(values: Mapping[str, Tensor]) -> DensityHistogram:
    """Return counts over `BINS` common bins that span all values."""
    arrays = {name: value.numpy() for name, value in values.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(arrays.values())), bins=BINS)
    counts = {name: tuple(np.histogram(array, edges)[0].tolist()) for name, array in arrays.items()}
    return DensityHistogram(edges=tuple(edges.tolist()), counts=counts)
