"""Report on the data of a run: numbers of images by class, form of the images, duplicates, and warnings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from jem_tui.jem.data.image_set import DataSet, ImageSet

FEW = 0.1
"""Share of the mean number of images of a class, and of the values of a type, below which a warning is given."""
TYPES = ((0, 255), (0, 65_535), (-(2**31), 2**31 - 1))
"""Spans of 8, 16 and 32 bits."""
NAMED = 3
"""Number of classes that a message names."""


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """The figures of a data set as a run uses it; recorded in `run.json` and in the first event of the run."""

    name: str
    counts: Mapping[str, Mapping[str, int]]
    """Images of each class, by split."""
    width: int
    height: int
    channels: int
    pixels: tuple[int, int]
    """The darkest and the brightest pixel of all images, 0…255."""
    spans: Mapping[str, tuple[float, float]]
    """The smallest and the largest value in the files, by kind, where they are not 8-bit and were scaled to 0…255."""
    duplicates: Mapping[str, int]
    """Number of images that two splits share, by the names of both, as in `train/test`."""
    skipped: Mapping[str, int]
    """Number of files that were left out, by reason."""
    warnings: tuple[str, ...]
    fingerprint: str
    """Digest of all pixels, labels and class names, in their order."""

    def as_mapping(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return asdict(self)

    def sentence(self) -> str:
        """Write the figures in one line."""
        parts = [self._counted(), self._form(), self._shared()]
        if self.skipped:
            parts.append("left out: " + ", ".join(f"{why} ({count:,})" for why, count in self.skipped.items()))
        return f"{self.name}: " + "; ".join(parts)

    def _counted(self) -> str:
        classes = self.counts["train"].values()
        least, most = min(classes), max(classes)
        each = f"{most:,}" if least == most else f"{least:,} to {most:,}"
        splits = ", ".join(f"{sum(counts.values()):,} {split}" for split, counts in self.counts.items())
        return f"{splits} images of {len(classes)} classes ({each} in train)"

    def _form(self) -> str:
        form = f"{self.width}×{self.height} {'colour' if self.channels == 3 else 'gray'}"
        scaled = [f", from {kind} values {low:,.6g} to {high:,.6g}" for kind, (low, high) in self.spans.items()]
        return f"{form}, pixels {self.pixels[0]} to {self.pixels[1]}{''.join(scaled)}"

    def _shared(self) -> str:
        pairs = [(*pair.split("/"), count) for pair, count in self.duplicates.items() if count]
        shared = [f"{count:,} of {other} in {one}" for one, other, count in pairs]
        return f"duplicates: {', '.join(shared)}" if shared else "no duplicates across splits"


def make_data_report(data: DataSet, kept: ImageSet, held_out: ImageSet, warnings: Iterable[str] = ()) -> DataReport:
    """Create the report on a data set with the training images `kept`, the validation images `held_out` and further `warnings`."""
    splits = {"train": kept, "validation": held_out, "test": data.test}
    digests = {split: [digest(image) for image in images.images] for split, images in splits.items()}
    _, height, width, channels = data.train.images.shape
    pixels = darkest_and_brightest(splits.values())
    return DataReport(
        name=data.name,
        counts={split: count_classes(images, data.class_names) for split, images in splits.items()},
        width=width,
        height=height,
        channels=channels,
        pixels=pixels,
        spans=data.reading.spans,
        duplicates=shared_images(digests),
        skipped=data.reading.skipped,
        warnings=(
            *data.reading.warnings,
            *few_images(count_classes(kept, data.class_names)),
            *narrow_spans(pixels, data.reading.spans),
            *equal_images(kept, digests["train"], data.class_names),
            *warnings,
        ),
        fingerprint=fingerprint(data, splits, digests),
    )


def digest(image: np.ndarray[Any, Any]) -> bytes:
    """Return a digest of an image's content."""
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def fingerprint(data: DataSet, splits: Mapping[str, ImageSet], digests: Mapping[str, Sequence[bytes]]) -> str:
    """Return a digest of all pixels, labels and class names of a data set."""
    total = hashlib.blake2b(json.dumps([data.class_names, data.train.images.shape[1:]]).encode(), digest_size=16)
    for split, images in splits.items():
        total.update(images.labels.astype("<i8").tobytes())
        total.update(b"".join(digests[split]))
    return total.hexdigest()


def count_classes(images: ImageSet, class_names: Sequence[str]) -> dict[str, int]:
    """Count the images of each class."""
    counts = np.bincount(images.labels, minlength=len(class_names)).tolist()
    return dict(zip(class_names, counts, strict=True))


def darkest_and_brightest(splits: Iterable[ImageSet]) -> tuple[int, int]:
    """Return the span of all pixels."""
    present = [images.images for images in splits if len(images)]
    return min(int(pixels.min()) for pixels in present), max(int(pixels.max()) for pixels in present)


def shared_images(digests: Mapping[str, Sequence[bytes]]) -> dict[str, int]:
    """Count, for each pair of splits, the images of the second split that are also in the first."""
    known = {split: set(names) for split, names in digests.items()}
    pairs = combinations(digests, 2)
    return {f"{one}/{other}": sum(name in known[one] for name in digests[other]) for one, other in pairs}


def few_images(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield warnings about classes with far fewer training images than others."""
    mean = sum(counts.values()) / len(counts)
    few = [f"{name} ({count:,})" for name, count in counts.items() if count < FEW * mean]
    if few:
        yield f"fewer than a tenth of the mean of {mean:,.0f} training images a class: {listed(few)}"


def narrow_spans(pixels: tuple[int, int], spans: Mapping[str, tuple[float, float]]) -> Iterator[str]:
    """Yield warnings about values that use little of what their type allows."""
    if pixels[1] - pixels[0] <= FEW * 255:
        yield f"all pixels lie between {pixels[0]} and {pixels[1]} of 0 to 255: the images are almost without contrast"
    if "integer" in spans:
        low, high = spans["integer"]
        least, most = next(each for each in TYPES if each[0] <= low and high <= each[1])
        if high - low <= FEW * (most - least):
            yield f"the values of the files lie between {low:,.0f} and {high:,.0f} of {least:,} to {most:,}: they are scaled to 0 to 255"


def equal_images(images: ImageSet, digests: Sequence[bytes], class_names: Sequence[str]) -> Iterator[str]:
    """Yield warnings about classes whose training images are all equal."""
    known: list[set[bytes]] = [set() for _ in class_names]
    for label, name in zip(images.labels.tolist(), digests, strict=True):
        known[label].add(name)
    counts = np.bincount(images.labels, minlength=len(class_names))
    equal = [name for label, name in enumerate(class_names) if len(known[label]) == 1 < counts[label]]
    if equal:
        yield f"all training images are equal in {'class' if len(equal) == 1 else 'classes'} {listed(equal)}"


def listed(names: Sequence[str]) -> str:
    """Return the first few names and the number of further names, for a message."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
