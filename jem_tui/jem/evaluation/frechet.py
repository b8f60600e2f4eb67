"""Fréchet distance between samples and real images in the feature space of a classifier (arXiv 1706.08500), and class entropy."""

from __future__ import annotations

from torch import Tensor, nn


def frechet_distance(real: Tensor, other: Tensor) -> float:
    """Return |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½) between the Gaussians fitted to features (n, d) and (m, d); torchmetrics' value.

    Raises ValueError if either has fewer than two rows.
    """
    from torchmetrics.image.fid import FrechetInceptionDistance

    if min(len(real), len(other)) < 2:
        raise ValueError("a Gaussian cannot be fitted to fewer than two samples")
    metric = FrechetInceptionDistance(feature=_Features(real.shape[1]))
    metric.update(real.cpu(), real=True)
    metric.update(other.cpu(), real=False)
    return max(0.0, float(metric.compute()))


class _Features(nn.Module):
    """Passes features through to torchmetrics, which expects a network that makes them."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.num_features = count

    def forward(self, features: Tensor) -> Tensor:
        return features
