"""Networks of a user that JEM can train, at least for a while or in some way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

Shape = tuple[int, int, int]


class Small(nn.Module):
    """A usable network of two layers, whose `view` needs contiguous features."""

    def __init__(self, shape: Shape, classes: int, width: int = 8) -> None:
        super().__init__()
        self.features = nn.Conv2d(shape[0], width, 3, stride=4)
        self.head = nn.Linear(width * ((shape[1] - 3) // 4 + 1) * ((shape[2] - 3) // 4 + 1), classes)

    def forward(self, x: Tensor) -> Any:
        """Return logits."""
        return self.leave(self.head(self.middle(self.features(self.enter(x)))))

    def enter(self, x: Tensor) -> Tensor:
        """Return the images that the layers see."""
        return x

    def middle(self, features: Tensor) -> Tensor:
        """Return the features as rows."""
        return F.silu(features).view(len(features), -1)

    def leave(self, logits: Tensor) -> Any:
        """Return what the caller gets."""
        return logits


def function(shape: Shape, classes: int, **options: Any) -> nn.Module:
    """Return a usable network without a class of its own."""
    return nn.Sequential(nn.Conv2d(shape[0], 4, 3, stride=4), nn.SiLU(), nn.Flatten(), nn.LazyLinear(classes))


class Normalised(Small):
    """A usable network with group normalisation and a spectral norm."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.features = nn.Sequential(  # type: ignore[assignment]
            nn.utils.parametrizations.spectral_norm(nn.Conv2d(shape[0], 8, 3, stride=4)), nn.GroupNorm(2, 8)
        )


class Zeroed(Small):
    """A usable network whose last layer starts at zero."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        nn.init.zeros_(self.head.weight)


class LikePriors(Zeroed):
    """A usable network whose first logits are the log-probabilities of the classes."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        nn.init.constant_(self.head.bias, -math.log(classes))


class LikeProbabilities(Zeroed):
    """A usable network whose first logits are the probabilities of the classes."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        nn.init.constant_(self.head.bias, 1 / classes)


class BatchNormalised(Small):
    """Wrong: batch normalisation."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.norm = nn.BatchNorm2d(8)

    def middle(self, features: Tensor) -> Tensor:
        return super().middle(self.norm(features).contiguous())


def frozen(shape: Shape, classes: int) -> nn.Module:
    """Return a usable network: its batch statistics are frozen by evaluation mode."""
    return BatchNormalised(shape, classes).eval()


class DrawnByNumpy(Small):
    """A usable network whose first weights come from numpy."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.features.weight.data = torch.from_numpy(np.random.normal(size=self.features.weight.shape)).float()


class FailingLate(Small):
    """Fails once its `left` passes are used up."""

    left = 10**9

    def enter(self, x: Tensor) -> Tensor:
        FailingLate.left -= 1
        if FailingLate.left < 0:
            raise IndexError("no pass is left")
        return x


class Float32Only(Small):
    """Works in single precision alone."""

    def middle(self, features: Tensor) -> Tensor:
        if features.dtype != torch.float32:
            raise TypeError("features must be float32")
        return super().middle(features)


class Unusual(Small):
    """A usable network with frozen, shared and unused weights, whole numbers among its buffers, and layers that return pairs."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.features.requires_grad_(False)
        self.sequence = nn.GRU(8, 8, batch_first=True)
        self.same = self.sequence
        self.unused = nn.Linear(3, 3)
        self.register_buffer("count", torch.tensor(3))

    def middle(self, features: Tensor) -> Tensor:
        rows, _ = self.same(features.flatten(2).transpose(1, 2))
        return super().middle(rows.transpose(1, 2).contiguous())


class Selecting(Small):
    """A usable network whose shapes depend on values, so that no CUDA graph can hold it."""

    def enter(self, x: Tensor) -> Tensor:
        return x + 0 * x[x > 0].sum()
