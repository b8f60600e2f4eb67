"""Features of made-up images for tests of sample quality."""

from __future__ import annotations

import torch
from torch import Tensor


def gaussian_features(count: int, features: int, seed: int) -> Tensor:
    """Return draws (count, features) of a Gaussian whose standard deviations fall from 2 to 0.5."""
    draws = torch.randn(count, features, generator=torch.Generator().manual_seed(seed))
    return draws * torch.linspace(2, 0.5, features)
