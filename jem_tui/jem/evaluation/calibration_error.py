"""Expected calibration error in bins of equal width or equal mass, with its interval and its value under perfect calibration."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.evaluation.intervals import DRAWS, Interval, percentiles, unbiased_interval

BINS = 15


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Expected calibration error (arXiv 1706.04599) of one set of predictions, all values as fractions."""

    ece: float
    """The error in `BINS` bins of equal width."""
    ece_interval: Interval
    """Bootstrap interval minus the bias of the bootstrap: resampling increases a sum of absolute differences."""
    ece_equal_mass: float
    """The error in `BINS` bins with equal numbers of images; bins of equal width contain most images of a good classifier in the last bin."""
    ece_floor: float
    """Mean error of a perfectly calibrated classifier with the same confidences on as many images: the bias of the estimate."""
    ece_floor_interval: Interval
    """The error of a perfectly calibrated classifier in 95 % of all draws."""


def calibration_error(confidence: Tensor, correct: Tensor, seed: int = 0) -> Calibration:
    """Measure the error of confidences max_y p(y|x) (n,), float64, of which `correct` (n,), bool, are right."""
    confidence, correct = confidence.cpu(), correct.cpu().double()
    index, gap = equal_width(confidence), correct - confidence
    ece = binned_gap(index, gap)
    low, high = unbiased_interval(ece, lambda rows: binned_gap(index[rows], gap[rows]), len(gap), seed)
    generator = torch.Generator().manual_seed(seed)
    calibrated = [
        binned_gap(index, (torch.rand(len(gap), generator=generator) < confidence).double() - confidence)
        for _ in range(DRAWS)
    ]
    return Calibration(
        ece=ece,
        ece_interval=(max(0.0, low), high),
        ece_equal_mass=binned_gap(equal_mass(confidence), gap),
        ece_floor=sum(calibrated) / DRAWS,
        ece_floor_interval=percentiles(calibrated),
    )


def equal_width(confidence: Tensor) -> Tensor:
    """Return the bin k of each confidence (n,) in [k/15, (k+1)/15); a confidence of exactly 1 is in bin 15."""
    edges = torch.linspace(0, 1, BINS + 1, dtype=confidence.dtype, device=confidence.device)
    return torch.bucketize(confidence.contiguous(), edges, right=True) - 1


def equal_mass(confidence: Tensor) -> Tensor:
    """Return the bin of each confidence (n,) in ascending order, with numbers of images that differ by at most one."""
    ranks = confidence.argsort(stable=True).argsort()
    return ranks * BINS // len(confidence)


def binned_gap(index: Tensor, gap: Tensor) -> float:
    """Return Σ_bins |Σ_images gap| / n from the bin (n,) and the gap, correctness − confidence, (n,) of each image."""
    return float(torch.bincount(index, gap).abs().sum() / len(gap))
