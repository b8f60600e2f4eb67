"""Distances and overlaps of samples and images in one space of features."""

from __future__ import annotations

from dataclasses import dataclass

from jem_tui.jem.evaluation.intervals import Interval


@dataclass(frozen=True, kw_only=True)
class SampleFigures:
    """Measurements of a set of samples in any features. Figures that need more images than there are are None."""

    source: str
    """`buffer`, or the start of fresh chains: `initial` (as configured), `informative`, `uniform`, or `conditional` for p(x|y).

    For comparison, `held-out` is one half of the held-out images, measured against the other half, `gaussians` are draws of the
    class Gaussians without any step, and `noise` is uniform noise.
    """
    images: int
    steps: int | None
    """SGLD steps since the start; None for the buffer, whose chains have their own ages."""
    frechet: float
    """Fréchet distance to training images, biased: it grows as `images` falls, so that only equal numbers are comparable."""
    floor: float
    """Biased Fréchet distance of as many held-out images to training images, for comparison; samples can have a smaller distance."""
    held_out: int
    """Number of held-out images in the unbiased distances."""
    frechet_unbiased: float | None
    """Fréchet distance to held-out images, extrapolated to infinitely many of both; it can be negative. None for fewer than four images for each feature."""
    frechet_unbiased_interval: Interval | None
    kid: float
    """Unbiased kernel distance to held-out images; it can be negative."""
    kid_interval: Interval
    compared: int
    """Number of samples, and of held-out images, from which precision, recall, density and coverage are computed: the same for all sources."""
    precision: float | None
    precision_interval: Interval | None
    recall: float | None
    recall_interval: Interval | None
    density: float | None
    density_interval: Interval | None
    coverage: float | None
    coverage_interval: Interval | None
