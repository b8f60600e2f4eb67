"""Networks of a user that JEM cannot train: one for each thing that can be wrong with a network."""

from __future__ import annotations

import sys
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.jem.model.own_networks import Shape, Small


class Centred(Small):
    """Wrong: couples the images of a batch without a layer of normalisation."""

    def leave(self, logits: Tensor) -> Tensor:
        return logits - logits.mean(0)


class Dropping(Small):
    """Wrong: dropout."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.drop = nn.Dropout(0.5)

    def middle(self, features: Tensor) -> Tensor:
        return F.silu(self.drop(super().middle(features)))


class Noisy(Small):
    """Wrong: adds noise to the images."""

    def enter(self, x: Tensor) -> Tensor:
        return x + 0.5 * torch.randn_like(x)


class Raising(Small):
    """Wrong: raises on any image."""

    def enter(self, x: Tensor) -> Tensor:
        raise KeyError("missing")


class Leaving(Small):
    """Leaves the program for every image."""

    def middle(self, features: Tensor) -> Tensor:
        sys.exit(3)


class LazyAndRaising(Raising):
    """Wrong: raises before a layer can take its sizes from an image."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.head = nn.LazyLinear(classes)


class LazyAndUnused(Small):
    """Wrong: never uses a layer that takes its sizes from an image."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.second = nn.LazyLinear(classes)


class Mismatched(Small):
    """Wrong: shapes of layers that do not fit."""

    def middle(self, features: Tensor) -> Tensor:
        return features.reshape(3, -1)


class TwoOutputs(Small):
    """Wrong: returns a pair."""

    def leave(self, logits: Tensor) -> Any:
        return logits, logits


class Scalar(Small):
    """Wrong: returns energies instead of logits."""

    def leave(self, logits: Tensor) -> Tensor:
        return logits.logsumexp(1)


class OneMore(Small):
    """Wrong: a logit too many."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes + 1)


class Doubled(Small):
    """Wrong: logits in double precision."""

    def leave(self, logits: Tensor) -> Tensor:
        return logits.double()


class Predicting(Small):
    """Wrong: integers."""

    def leave(self, logits: Tensor) -> Tensor:
        return (logits > 0).long()


class Infinite(Small):
    """Wrong: logits that are not finite."""

    def leave(self, logits: Tensor) -> Tensor:
        return logits / 0


class LogProbabilities(Small):
    """Wrong: log-softmax, with which E(x) is 0 everywhere."""

    def leave(self, logits: Tensor) -> Tensor:
        return logits.log_softmax(1)


class Probabilities(Small):
    """Wrong: softmax."""

    def leave(self, logits: Tensor) -> Tensor:
        return logits.softmax(1)


class InPlace(Small):
    """Wrong: changes the images that it is given."""

    def enter(self, x: Tensor) -> Tensor:
        return x.mul_(2) if not x.requires_grad else x * 2


class Detached(Small):
    """Wrong: no gradient reaches the images."""

    def enter(self, x: Tensor) -> Tensor:
        return x.detach()


class WithoutGradients(Small):
    """Wrong: no gradients at all."""

    @torch.no_grad()
    def forward(self, x: Tensor) -> Any:
        return super().forward(x)


class Rounding(Small):
    """Wrong: a gradient that is zero everywhere."""

    def enter(self, x: Tensor) -> Tensor:
        return x.round()


class SteepRoot(Small):
    """Wrong: gradients that are not finite."""

    def enter(self, x: Tensor) -> Tensor:
        return (x - x.detach()).abs().sqrt() + x


class Frozen(Small):
    """Wrong: nothing to train."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.requires_grad_(False)


class ListedLayers(nn.Module):
    """Wrong: its layers are in a plain list, so that they are not registered."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.layers = [nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], classes)]

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        for layer in self.layers:
            x = layer(x)
        return x


class Uncopyable(Small):
    """Wrong: keeps a tensor that was computed from its weights."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.doubled = self.features.weight * 2


class Stateful(Small):
    """Wrong: has something other than tensors in its state."""

    def get_extra_state(self) -> Any:
        """Return the state beyond tensors."""
        return {"epoch": 3}

    def set_extra_state(self, state: Any) -> None:
        """Accept the state beyond tensors."""


class Renamed(Small):
    """Wrong: does not load what it saves."""

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """Return the state under other names."""
        return {f"old.{key}": value for key, value in super().state_dict(*args, **kwargs).items()}


def refusing(shape: Shape, classes: int, depth: int = 1) -> nn.Module:
    """Raise for every depth."""
    raise ValueError(f"a depth of {depth} is too small")


def leaving(shape: Shape, classes: int) -> nn.Module:
    """Leave the program."""
    raise SystemExit(3)


def nothing(shape: Shape, classes: int) -> None:
    """Return nothing instead of a network."""


def narrow(shape: Shape) -> nn.Module:
    """Take too few arguments."""
    return nn.Identity()


ready = Small((3, 15, 15), 5)
