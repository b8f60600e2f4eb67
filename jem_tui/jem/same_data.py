"""Whether a resumed run finds the data that it began with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jem_tui.errors import InputError
from jem_tui.jem.data_report import DataReport, listed

HINT = "Name the folder of the run's own data with --data-dir, or start a new run."


def refuse_other_data(known: Mapping[str, Any], found: DataReport) -> list[str]:
    """List what differs from the figures that were recorded when the run began, as far as some were.

    Raises InputError where the run cannot go on: other classes, another size, or another number of training images.
    """
    recorded = known.get("counts")
    counts = recorded.get("train") if isinstance(recorded, Mapping) else None
    if not isinstance(counts, Mapping):
        return []
    refuse_other_classes(list(counts), list(found.counts["train"]))
    refuse_other_shape(known, found)
    if all(isinstance(count, int) for count in counts.values()):
        before, now = sum(counts.values()), sum(found.counts["train"].values())
        if before != now:
            raise InputError(f"The run began with {before:,} training images, but there are {now:,} now.", HINT)
    if "fingerprint" in known and known["fingerprint"] != found.fingerprint:
        return ["the images are not those that the run began with"]
    return []


def refuse_other_classes(before: list[str], now: list[str]) -> None:
    """Raise InputError unless the classes have the same names in the same order."""
    if before != now:
        raise InputError(f"The run knows the classes {listed(before)}, but the data has {listed(now)}.", HINT)


def refuse_other_shape(known: Mapping[str, Any], found: DataReport) -> None:
    """Raise InputError unless images have the recorded size and channels."""
    before = [known.get(name) for name in ("width", "height", "channels")]
    now = [found.width, found.height, found.channels]
    if before != now and None not in before:
        looks = [
            f"{width}×{height} {'gray' if channels == 1 else 'colour'}" for width, height, channels in (before, now)
        ]
        raise InputError(f"The run began with images of {looks[0]}, but the data has {looks[1]} images.", HINT)
