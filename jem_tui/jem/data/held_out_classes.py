"""Classes that are left out of training, so that an evaluation can ask whether the network detects them as new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jem_tui.errors import InputError
from jem_tui.jem.data.image_set import DataSet, ImageSet
from jem_tui.message_text import nearest, shown


def without_classes(data: DataSet, asked: str) -> DataSet:
    """Return data without the classes named in `asked`, with commas between; their test images become `outside`.

    The remaining classes keep their names and order, and get consecutive labels. Raises InputError if there is no such class,
    or if fewer than two classes or no test images remain.
    """
    words = [word.strip() for word in asked.split(",") if word.strip()]
    if not words:
        return data
    names = data.class_names
    chosen = sorted({class_index(word, names) for word in words})
    left = np.array([label for label in range(len(names)) if label not in chosen], np.int64)
    if len(left) < 2:
        raise InputError(
            f"Holding out {len(chosen)} of {len(names)} classes leaves {('none', 'only one')[len(left)]} to train on.",
            "Hold out fewer classes: a classifier needs at least two.",
        )
    labels = np.full(len(names), -1, np.int64)
    labels[left] = np.arange(len(left))
    test = relabelled(data.test, labels)
    if not len(test):
        raise InputError("No test images would remain.", "Hold out a class that some test images do not have.")
    return replace(
        data,
        class_names=tuple(names[label] for label in left),
        train=relabelled(data.train, labels),
        test=test,
        validation=relabelled(data.validation, labels) if data.validation else None,
        reading=replace(data.reading, skipped={**data.reading.skipped, **counted(data, chosen)}),
        outside={names[label]: data.test.take(rows) for label in chosen if len(rows := rows_of(data.test, label))},
    )


def class_index(name: str, names: Sequence[str]) -> int:
    """Return the index of a class from its name or number. Raises InputError if the data has no such class.

    Where every name is a numeral, as for digits without a held-out digit, a number is a name only.
    """
    if name in names:
        return names.index(name)
    if name.isdecimal() and int(name) < len(names) and not all(each.isdecimal() for each in names):
        return int(name)
    some = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    raise InputError(f"There is no class {shown(name)}{nearest(name, names)}.", f"Classes: {some}.")


def relabelled(images: ImageSet, labels: NDArray[np.int64]) -> ImageSet:
    """Return the images whose class has a new label in `labels` (classes,), which is −1 for a class that is left out."""
    rows = np.flatnonzero(labels[images.labels] >= 0)
    return ImageSet(images=images.images[rows], labels=labels[images.labels[rows]])


def rows_of(images: ImageSet, label: int) -> NDArray[np.int64]:
    """Return the rows of the images of a class."""
    return np.flatnonzero(images.labels == label)


def counted(data: DataSet, chosen: Sequence[int]) -> dict[str, int]:
    """Return the number of images of each chosen class in all splits, by what a report calls them."""
    splits = [images for images in (data.train, data.test, data.validation) if images is not None]
    return {
        f"class {data.class_names[label]}": sum(len(rows_of(images, label)) for images in splits) for label in chosen
    }
