"""Checks that a run which is resumed, evaluated or sampled from finds the data that it began with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jem_tui.errors import InputError
from jem_tui.jem.data.data_report import DataReport, listed
from jem_tui.jem.data.image_set import DataSet

HINT = "Pass the folder of the original data with --data-dir, or train a new run."


def refuse_other_data(known: Mapping[str, Any], data: DataSet, found: DataReport) -> list[str]:
    """List the differences from the report that was recorded when the run began; none without a recorded report.

    Raises InputError where a run cannot be resumed: other classes, another size, or another number of training images.
    """
    refuse_other_kind(known, data)
    counts = known_counts(known).values()
    if counts and all(isinstance(count, int) for count in counts):
        before, now = sum(counts), sum(found.counts["train"].values())
        if before != now:
            raise InputError(f"The run started with {before:,} training images, but there are {now:,} now.", HINT)
    if known_counts(known) and known.get("fingerprint", found.fingerprint) != found.fingerprint:
        return ["the images differ from the images that the run started with"]
    return []


def refuse_other_kind(known: Mapping[str, Any], data: DataSet) -> None:
    """Raise InputError where data has other classes than the recorded figures, in name or order, or images of another shape."""
    classes = list(known_counts(known))
    if classes and classes != list(data.class_names):
        raise InputError(
            f"The run started with the classes {listed(classes)}, but the data has {listed(data.class_names)}.", HINT
        )
    _, height, width, channels = data.train.images.shape
    before, now = [known.get(name) for name in ("width", "height", "channels")], [width, height, channels]
    if classes and before != now and None not in before:
        raise InputError(
            f"The run started with {image_form(*before)} images, but the data has {image_form(*now)} images.", HINT
        )


def known_counts(known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the recorded training images of each class; an empty mapping if the record is missing or invalid."""
    recorded = known.get("counts")
    counts = recorded.get("train") if isinstance(recorded, Mapping) else None
    return counts if isinstance(counts, Mapping) else {}


def image_form(width: object, height: object, channels: object) -> str:
    """Format size and colour for a message."""
    return f"{width}×{height} {'gray' if channels == 1 else 'colour'}"
