"""Labels and class names of data from code of the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from jem_tui.errors import InputError
from jem_tui.jem.data.image_set import ImageSet
from jem_tui.message_text import shown
from jem_tui.printable import printable

MOST_CLASSES = 100_000
"""Largest label plus one; a larger label is an index of something else than classes."""
LABELS = "A label is a whole number from 0 to the number of classes minus 1."


def label_of(label: Any, where: str) -> int:
    """Return a label as a number. Raises InputError, whose sentence begins with `where`, unless it is a whole number."""
    if isinstance(label, Tensor | np.ndarray):
        if label.ndim or (label.is_floating_point() if isinstance(label, Tensor) else label.dtype.kind == "f"):
            raise InputError(f"{where} has the label {shown(label.tolist())}.", LABELS)
        label = label.item()
    if isinstance(label, bool | np.bool_) or not isinstance(label, int | np.integer):
        raise InputError(f"{where} has the label {shown(label)} of type {type(label).__name__}.", LABELS)
    if not 0 <= int(label) < MOST_CLASSES:
        raise InputError(f"{where} has the label {label}.", LABELS)
    return int(label)


def class_names_of(name: str, train: Any, read: Mapping[str, ImageSet]) -> tuple[str, ...]:
    """Return the class names that the training split or a data set within it lists as `classes` or `class_names`, else the numbers.

    Raises InputError if two classes have one name, or if the labels begin at 1.
    """
    listed = listed_names(train)
    highest = max(int(images.labels.max()) for images in read.values())
    refuse_labels_from_one(name, read, highest if listed is None else len(listed))
    if listed is None:
        return tuple(map(str, range(1 + highest)))
    names = tuple(printable(str(each[0] if isinstance(each, tuple | list) and each else each)) for each in listed)
    twice = next((each for each in names if names.count(each) > 1), None)
    if twice is not None:
        raise InputError(
            f"The data set {name} has two classes named {shown(twice)}.", "Give each class a name of its own."
        )
    return names


def refuse_labels_from_one(name: str, read: Mapping[str, ImageSet], count: int) -> None:
    """Raise InputError if the labels of all splits go from 1 to the number of classes `count`."""
    labels = np.concatenate([images.labels for images in read.values()])
    if labels.min() == 1 and labels.max() == count > 1:
        raise InputError(f"The labels of {name} go from 1 to {count}.", "Subtract 1: labels begin at 0.")


def listed_names(train: Any) -> Sequence[Any] | None:
    """Return the list of class names of a data set, or of the data set that it is a part of, as `torch.utils.data.Subset` is."""
    for _ in range(8):
        for attribute in ("classes", "class_names"):
            names = getattr(train, attribute, None)
            if isinstance(names, list | tuple) and names:
                return names
        train = getattr(train, "dataset", None)
    return None


def check_classes(name: str, names: Sequence[str], read: Mapping[str, ImageSet]) -> None:
    """Raise InputError unless there are two classes, each with training images, no split has other labels, and all splits have images of one shape."""
    if len(names) < 2:
        raise InputError(f"The data set {name} has a single class.", "Training needs at least two classes.")
    for split, images in read.items():
        wrong = np.flatnonzero((images.labels < 0) | (images.labels >= len(names)))
        if len(wrong):
            label = int(images.labels[wrong[0]])
            raise InputError(
                f"Image {wrong[0]} of {split} from {name} has the label {label}, but there are {len(names)} classes.",
                LABELS,
            )
    missing = np.flatnonzero(np.bincount(read["train"].labels, minlength=len(names)) == 0)
    if len(missing):
        raise InputError(
            f"The class {names[missing[0]]} (label {missing[0]}) of {name} has no training image.",
            "Number the classes from 0 without gaps, or leave out the class.",
        )
    form = read["train"].images.shape[1:]
    for split, images in read.items():
        if images.images.shape[1:] != form:
            raise InputError(
                f"The {split} images of {name} have the shape {images.images.shape[1:]}, but the train images have {form} "
                "(height, width, channels).",
                "Bring all images to one size and one number of channels.",
            )
