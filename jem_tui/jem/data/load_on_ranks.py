"""The data set of a run on every rank: downloaded once, and checked to be equal on all ranks."""

from __future__ import annotations

import zlib

import numpy as np

from jem_tui.config.data_sets import TORCHVISION
from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.datasets import load_data
from jem_tui.jem.data.image_set import DataSet
from jem_tui.jem.ranks.ranks import Ranks

COMPARED = 64
"""Number of images of each split that are compared."""


def load_on_ranks(config: DataConfig, seed: int, report: ReportProgress, ranks: Ranks) -> DataSet:
    """Load the data set that the settings name. Raises InputError if it is not available, or differs between ranks."""
    if config.name in TORCHVISION:
        with ranks.one_by_one():
            data = load_data(config, seed, report)
    else:
        data = load_data(config, seed, report)
    if ranks.alone:
        return data
    marks = ranks.texts(mark_of(data))
    different = [rank for rank, mark in enumerate(marks) if mark != marks[0]]
    if different:
        raise InputError(
            f"Rank {different[0]} has read other images from {config.name} than rank 0.",
            "Copy the data set of one machine to all machines; --data-dir names the folder of downloaded data sets.",
        )
    return data


def mark_of(data: DataSet) -> str:
    """Return a fingerprint of a data set: names of classes, sizes, and checksums of all labels and some images."""
    marks = [repr(data.class_names)]
    for images in (data.train, data.test, data.validation):
        if images is not None:
            rows = np.linspace(0, max(0, len(images) - 1), min(COMPARED, len(images))).round().astype(np.int64)
            some = np.ascontiguousarray(images.images[rows])
            marks.append(f"{images.images.shape} {zlib.crc32(images.labels.tobytes())} {zlib.crc32(some.tobytes())}")
    return " ".join(marks)
