"""A survey of all image files of a folder before their pixels are read: colour, size, and spans of values that are not 8-bit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.image_file import ImageHeader, Kind, Mode, Span, UnreadableError, read_header

REPORT_EVERY = 500


@dataclass(kw_only=True)
class Survey:
    """Properties of all image files of a folder."""

    colour: bool = False
    """True if any image has colour channels."""
    width: int = 0
    height: int = 0
    spans: dict[Kind, Span] = field(default_factory=dict)
    """Span of the values over all images of each kind that is not 8-bit, so that images keep their contrast relative to each other."""
    series: int = 0
    """Number of files with several images."""
    broken: dict[Path, str] = field(default_factory=dict)
    """Files that cannot be read, with the cause."""

    @property
    def mode(self) -> Mode:
        """Pillow's mode to which all images are converted."""
        return "RGB" if self.colour else "L"


def survey_of(files: Sequence[Path], size: int, report: ReportProgress) -> Survey:
    """Inspect every file. Raises InputError if sizes differ and `size` is 0, or if no file can be read."""
    survey = Survey(width=size, height=size)
    first: Path | None = None
    for path in with_progress(files, f"inspecting {len(files):,} images", report):
        try:
            header = read_header(path)
        except UnreadableError as error:
            survey.broken[path] = str(error)
            continue
        if not size:
            first = first or path
            refuse_other_size(survey, header, path, first)
        add_header(survey, header)
    if len(survey.broken) == len(files):
        refuse_broken(survey, len(files))
    return survey


def add_header(survey: Survey, header: ImageHeader) -> None:
    """Add the properties of a file to a survey."""
    survey.colour |= header.colour
    survey.series += header.series
    if header.span is not None:
        low, high = survey.spans.get(header.kind, header.span)
        survey.spans[header.kind] = min(low, header.span[0]), max(high, header.span[1])


def refuse_other_size(survey: Survey, header: ImageHeader, path: Path, first: Path) -> None:
    """Raise InputError if the size of an image differs from the size of the first."""
    if path == first:
        survey.width, survey.height = header.width, header.height
    if (header.width, header.height) != (survey.width, survey.height):
        raise InputError(
            f"{path} is {header.width}×{header.height}, but {first} is {survey.width}×{survey.height}.",
            "Try -s data.size=32 to bring all images to one size.",
        )


def refuse_broken(survey: Survey, total: int) -> None:
    """Raise InputError if any of `total` files cannot be read."""
    if not survey.broken:
        return
    path, cause = min(survey.broken.items())
    if len(survey.broken) == 1:
        raise InputError(f"Cannot read the image {path}: {cause}.", "Repair it, or remove it from the folder.")
    raise InputError(
        f"Cannot read {len(survey.broken):,} of {total:,} images; the first is {path}: {cause}.",
        "Repair them, or remove them from the folder.",
    )


def with_progress(files: Sequence[Path], text: str, report: ReportProgress) -> Iterator[Path]:
    """Yield files while reporting the progress, with Pillow's warnings suppressed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for done, path in enumerate(files):
            if done % REPORT_EVERY == 0:
                report(text, done / len(files))
            yield path
