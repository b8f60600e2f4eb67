"""Data sets of the user: what a function returns, read into memory item by item and checked.

The function returns `(train, test)` or `(train, test, validation)`, or the training images alone. Each of these is a sequence of
(image, label) pairs, such as a `torch.utils.data.Dataset` or a list, or a pair of arrays or tensors (images, labels).
"""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.image_set import DataSet, ImageSet, hold_out
from jem_tui.jem.data.own_classes import check_classes, class_names_of, label_of
from jem_tui.jem.data.own_images import pixels_of, stacked_pixels
from jem_tui.jem.data.seeded_code import seeded
from jem_tui.machine_memory import available_memory, in_words
from jem_tui.plugins.kinds import DATA
from jem_tui.plugins.resolve import resolve_plugin
from jem_tui.plugins.user_code import describe_exception

SPLITS = ("train", "test", "validation")
FORM = "Return (train, test) or (train, test, validation), each a sequence of (image, label) pairs or a pair of arrays (images, labels)."
REPORT_EVERY = 200
"""Number of items between two reports of the progress."""


@dataclass(frozen=True, kw_only=True)
class SplitReader:
    """Reads one split of a user's data into memory."""

    name: str
    """The name of the data in the settings."""
    split: str
    background: str
    report: ReportProgress

    def read(self, given: Any) -> ImageSet:
        """Return all images and labels. Raises InputError, naming the first item that is wrong."""
        if is_pair_of_arrays(given):
            return self.arrays(*given)
        count = self.length(given)
        if not count:
            raise self.refusal("is empty", FORM)
        first, label = self.item(given, 0)
        self.refuse_too_many(count, first)
        images = np.zeros((count, *first.shape), np.uint8)
        labels = np.zeros(count, np.int64)
        images[0], labels[0] = first, label
        for row in range(1, count):
            if row % REPORT_EVERY == 0:
                self.report(f"reading {count:,} {self.split} images", row / count)
            image, labels[row] = self.item(given, row)
            if image.shape != first.shape:
                raise InputError(
                    f"{self.place(row)} has the shape {image.shape}, but image 0 has {first.shape} (height, width, channels).",
                    "Bring all images to one size and one number of channels, for example with transforms.Resize.",
                )
            images[row] = image
        return ImageSet(images=images, labels=labels)

    def arrays(self, images: Any, labels: Any) -> ImageSet:
        """Return the images and labels of a pair of arrays."""
        where = f"The array of the {self.split} images of {self.name}"
        pixels = stacked_pixels(images, where)
        numbers = np.asarray(labels.cpu() if isinstance(labels, Tensor) else labels)
        if numbers.shape != (len(pixels),):
            raise self.refusal(
                f"has {len(pixels):,} images and labels of shape {numbers.shape}",
                "Return one whole number for each image.",
            )
        if not len(pixels):
            raise self.refusal("is empty", FORM)
        if numbers.dtype.kind not in "iu":
            raise self.refusal(f"has labels of type {numbers.dtype}", "A label is a whole number from 0.")
        return ImageSet(images=np.ascontiguousarray(pixels), labels=numbers.astype(np.int64))

    def length(self, given: Any) -> int:
        """Return the number of items of a sequence. Raises InputError for streams and for anything else."""
        kinds = {kind.__name__ for kind in type(given).__mro__}
        if "DataLoader" in kinds:
            raise self.refusal("is a DataLoader", "Return its data set: the program makes the batches.")
        if "IterableDataset" in kinds or not hasattr(given, "__getitem__") or not hasattr(given, "__len__"):
            raise self.refusal(
                f"is of type {type(given).__name__}, which has no length or no items by number",
                f"{FORM} A stream of known length can be read into a list.",
            )
        if isinstance(given, dict | str | bytes):
            raise self.refusal(f"is of type {type(given).__name__}", FORM)
        try:
            return len(given)
        except (Exception, SystemExit) as error:
            raise self.refusal(f"has no length: {describe_exception(error)}", FORM) from error

    def item(self, given: Any, row: int) -> tuple[NDArray[np.uint8], int]:
        """Return the image and the label of one item."""
        try:
            with redirect_stdout(sys.stderr):
                item = given[row]
        except (Exception, SystemExit) as error:
            raise InputError(
                f"{self.place(row)} cannot be read: {describe_exception(error)}.", "Repair or leave out this item."
            ) from error
        if not isinstance(item, tuple | list) or len(item) != 2:
            found = (
                f"{len(item)} values" if isinstance(item, tuple | list) else f"a value of type {type(item).__name__}"
            )
            raise InputError(f"{self.place(row)} is {found}, not a pair (image, label).", FORM)
        return pixels_of(item[0], self.background, self.place(row)), label_of(item[1], self.place(row))

    def refuse_too_many(self, count: int, first: NDArray[np.uint8]) -> None:
        """Raise InputError if the images do not fit into memory."""
        need, room = count * first.size, available_memory()
        if need > room:
            height, width, _ = first.shape
            raise self.refusal(
                f"has {count:,} images of {width}×{height} pixels, which need {in_words(need)} of memory, but {in_words(room)} are free",
                "Return fewer or smaller images.",
            )

    def place(self, row: int) -> str:
        """Return the place of an item for a message."""
        return f"Image {row} of {self.split} from {self.name}"

    def refusal(self, what: str, hint: str) -> InputError:
        """Return the error whose sentence begins with the split and ends with `what`."""
        return InputError(f"The split {self.split} of {self.name} {what}.", hint)


def read_own_data(config: DataConfig, seed: int, report: ReportProgress) -> DataSet:
    """Return the data of a plug-in, called with `(**data.args)`. Without test images, as many as for validation are held out.

    The global random generators of torch, numpy and Python are set to `seed` meanwhile. Raises InputError if the
    plug-in fails or returns another form.
    """
    load = resolve_plugin(DATA, config.name)
    report(f"loading {config.name}", None)
    with seeded(seed):
        given = splits_of(config.name, returned(config, load))
        read = {
            split: SplitReader(name=config.name, split=split, background=config.background, report=report).read(images)
            for split, images in given.items()
        }
    names = class_names_of(config.name, given["train"], read)
    check_classes(config.name, names, read)
    train, test = read["train"], read.get("test")
    if test is None:
        train, test = hold_out(train, config.validation, seed + 1)
    return DataSet(name=config.name, class_names=names, train=train, test=test, validation=read.get("validation"))


def returned(config: DataConfig, load: Any) -> Any:
    """Return what a function of the user returns. Raises InputError if it does not accept the arguments, or raises."""
    try:
        with redirect_stdout(sys.stderr):
            return load(**config.args)
    except (Exception, SystemExit) as error:
        named = ", ".join(f"{name}={value!r}" for name, value in config.args.items())
        raise InputError(
            f"The data set {config.name} cannot be loaded: {describe_exception(error)}.",
            f"It was called as {config.name.rpartition(':')[2]}({named}), with each -s data.args.NAME=VALUE.",
        ) from error


def splits_of(name: str, given: Any) -> dict[str, Any]:
    """Return the splits that are there by their names. Raises InputError for another form."""
    if given is None:
        raise InputError(f"The data set {name} returned nothing.", FORM)
    splits = given if isinstance(given, tuple) and not is_pair_of_arrays(given) else (given,)
    if not 1 <= len(splits) <= len(SPLITS) or splits[0] is None:
        raise InputError(f"The data set {name} returned a tuple of {len(splits)} values.", FORM)
    return {split: images for split, images in zip(SPLITS, splits, strict=False) if images is not None}


def is_pair_of_arrays(given: Any) -> bool:
    """Return whether this is a pair of images, in an array or tensor of at least three axes, and their labels."""
    return (
        isinstance(given, tuple | list)
        and len(given) == 2
        and isinstance(given[0], np.ndarray | torch.Tensor)
        and given[0].ndim >= 3
    )
