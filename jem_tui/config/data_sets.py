"""Data sets that `data.name` accepts, apart from folders, and those that only `eval --ood` accepts.

One row of `TORCHVISION` or `OUTSIDE` adds a data set of torchvision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


def _split(**arguments: Any) -> Mapping[str, Any]:
    return MappingProxyType(arguments)


@dataclass(frozen=True, kw_only=True)
class TorchvisionData:
    """The class of a data set in torchvision, and how to create and read it."""

    class_name: str
    train: Mapping[str, Any] = field(default_factory=lambda: _split(train=True))
    """Keyword arguments for the training split."""
    test: Mapping[str, Any] = field(default_factory=lambda: _split(train=False))
    """Keyword arguments for the test split."""
    axes: tuple[int, ...] = ()
    """Axes of `data` in the order image, row, column, channel (three for gray images); empty if they are in this order already."""


TORCHVISION = {
    "mnist": TorchvisionData(class_name="MNIST"),
    "fashion-mnist": TorchvisionData(class_name="FashionMNIST"),
    "kmnist": TorchvisionData(class_name="KMNIST"),
    "cifar10": TorchvisionData(class_name="CIFAR10"),
    "svhn": TorchvisionData(
        class_name="SVHN", train=_split(split="train"), test=_split(split="test"), axes=(0, 2, 3, 1)
    ),
}
NAMES = ("mnist-mini", *TORCHVISION)
OUTSIDE = {
    "emnist-letters": TorchvisionData(
        class_name="EMNIST",
        train=_split(split="letters", train=True),
        test=_split(split="letters", train=False),
        axes=(0, 2, 1),
    ),
    "usps": TorchvisionData(class_name="USPS"),
    "cifar100": TorchvisionData(class_name="CIFAR100"),
}
"""Data sets that serve as other images in an evaluation; they are never downloaded."""
