"""Data of a user: functions that return it in every form, usable and wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

COUNT, HEIGHT, WIDTH = 12, 6, 8
Item = tuple[Any, Any]


def pixels(channels: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    """Return the images that every form holds."""
    shape = (COUNT, HEIGHT, WIDTH, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


LABELS = np.arange(COUNT) % 3


class Listed(Dataset[Item]):
    """Items in a list, with class names."""

    classes = ("ant", "bee", "cat")

    def __init__(self, items: list[Item]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, row: int) -> Item:
        return self.items[row]


def listed(items: list[Any], classes: Any = Listed.classes) -> Listed:
    """Return a data set with class names."""
    made = Listed(items)
    made.classes = classes
    return made


def pairs(images: Any, labels: Any = LABELS) -> list[Item]:
    """Return pairs of an image and a label."""
    return [(image, label) for image, label in zip(images, labels, strict=True)]


def pictures() -> list[Image.Image]:
    """Return the images as Pillow images."""
    return [Image.fromarray(image) for image in pixels()]


def tensors() -> torch.Tensor:
    """Return the images as floating-point tensors in [0, 1], as `transforms.ToTensor` makes them."""
    return torch.from_numpy(pixels()).permute(0, 3, 1, 2).float() / 255


def altered(row: int, item: Any) -> list[Item]:
    """Return the pairs with one other item."""
    items: list[Any] = pairs(pixels())
    items[row] = item
    return items


class Stream(IterableDataset[Item]):
    """Items without numbers, without end."""

    def __iter__(self) -> Iterator[Item]:
        while True:
            yield pixels()[0], 0


class Breaking(Listed):
    """Items of which one cannot be read."""

    def __getitem__(self, row: int) -> Item:
        if row == 5:
            raise OSError("no such file")
        return super().__getitem__(row)


class Short(Listed):
    """A length that is too large."""

    def __len__(self) -> int:
        return len(self.items) + 2


class Unmeasured(Listed):
    """A length that cannot be computed."""

    def __len__(self) -> int:
        raise NotImplementedError


def nan() -> NDArray[np.float32]:
    """Return an image with a value that is not a number."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    image[0, 0, 0] = np.nan
    return image


def generated() -> Iterator[Item]:
    """Yield pairs."""
    yield from pairs(pixels())


def load(form: str, test: bool = True) -> Any:
    """Return the data in one of the usable forms."""
    return (USABLE[form], USABLE[form]) if test else USABLE[form]


def load_wrong(case: str) -> Any:
    """Return the data of a wrong case."""
    return WRONG[case]() if callable(WRONG[case]) else WRONG[case]


def load_random() -> Any:
    """Return images that depend on the global random generators."""
    drawn = [random.random(), float(np.random.rand()), float(torch.rand(()))]
    return pairs(np.full((COUNT, HEIGHT, WIDTH, 3), drawn)), pairs(pixels())


def failing(code: int = 1) -> Any:
    """Raise while loading."""
    raise FileNotFoundError(f"no images, code {code}")


USABLE: dict[str, Any] = {
    "pairs of uint8 arrays": pairs(pixels()),
    "Pillow images": listed(pairs(pictures())),
    "floating-point tensors": listed(pairs(tensors(), torch.from_numpy(LABELS))),
    "uint8 tensors": TensorDataset(torch.from_numpy(pixels()).permute(0, 3, 1, 2), torch.from_numpy(LABELS)),
    "arrays of channels first": pairs(pixels().transpose(0, 3, 1, 2)),
    "double precision": pairs(pixels() / 255),
    "half precision": pairs(tensors().bfloat16()),
    "one array": (pixels(), LABELS),
    "one floating-point tensor": (tensors(), torch.from_numpy(LABELS)),
    "a subset": Subset(listed(pairs(pixels())), range(COUNT)),
    "one list of labels": (pixels(), LABELS.tolist()),
}
WRONG: dict[str, Any] = {
    "nothing": None,
    "four values": (pairs(pixels()),) * 4,
    "no training images": (None, pairs(pixels())),
    "a number": 5,
    "a mapping": {"train": pairs(pixels())},
    "a generator": generated,
    "a stream": Stream(),
    "a loader": lambda: DataLoader(listed(pairs(tensors())), batch_size=2),
    "empty": [],
    "an empty test split": (pairs(pixels()), []),
    "an empty array": (pixels()[:0], LABELS[:0]),
    "no length": Unmeasured([]),
    "too short": Short(pairs(pixels())),
    "an unreadable item": Breaking(pairs(pixels())),
    "a single value": altered(3, pixels()[0]),
    "a dict": altered(3, {"image": 1, "label": 0}),
    "a path": altered(3, ("image.png", 0)),
    "another size": altered(3, (pixels()[0, :5], 0)),
    "another size of the test images": (pairs(pixels()), pairs(pixels()[:, :5])),
    "gray among colour": altered(3, (pixels()[0, :, :, 0], 0)),
    "four channels": pairs(np.zeros((COUNT, HEIGHT, WIDTH, 4), np.uint8)),
    "four axes": pairs(np.zeros((COUNT, 1, HEIGHT, WIDTH, 3), np.uint8)),
    "no pixels": pairs(np.zeros((COUNT, 0, WIDTH), np.uint8)),
    "integers of 64 bits": pairs(pixels().astype(np.int64)),
    "booleans": pairs(pixels() > 0),
    "a normalised tensor": pairs(tensors() * 2 - 1),
    "0 to 255 in floating point": pairs(pixels().astype(np.float32)),
    "not a number": altered(3, (nan(), 0)),
    "a picture of 16 bits": altered(3, (Image.fromarray(np.zeros((HEIGHT, WIDTH), np.uint16)), 0)),
    "a text label": altered(3, (pixels()[0], "cat")),
    "a fractional label": altered(3, (pixels()[0], 1.5)),
    "a one-hot label": altered(3, (pixels()[0], np.eye(3)[0])),
    "a tensor of a fractional label": altered(3, (pixels()[0], torch.tensor(1.0))),
    "a negative label": altered(3, (pixels()[0], -1)),
    "a huge label": altered(3, (pixels()[0], 2**40)),
    "a boolean label": altered(3, (pixels()[0], True)),
    "labels from 1": pairs(pixels(), LABELS + 1),
    "labels from 1 with names": listed(pairs(pixels(), LABELS + 1)),
    "a label beyond the names": listed(altered(3, (pixels()[0], 3))),
    "a class without images": listed(pairs(pixels(), LABELS % 2)),
    "an unknown class in test": (listed(pairs(pixels())), pairs(pixels(), LABELS + 3)),
    "one class": pairs(pixels(), LABELS * 0),
    "two classes of one name": listed(pairs(pixels()), ["ant", "ant", "bee"]),
    "too few labels": (pixels(), LABELS[:5]),
    "labels of floating point": (pixels(), LABELS / 2),
    "an array of two axes of labels": (pixels(), np.eye(3)[LABELS]),
    "an array of five axes": (np.zeros((4, 1, 2, 3, 3), np.uint8), LABELS[:4]),
    "a normalised array": (tensors() * 2 - 1, LABELS),
}
