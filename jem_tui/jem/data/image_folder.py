"""Data sets from folders: one sub-folder of images for each class, optionally within sub-folders for each split."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.folder_layout import Files, find_layout
from jem_tui.jem.data.folder_survey import Survey, refuse_broken, survey_of, with_progress
from jem_tui.jem.data.image_file import UnreadableError, read_picture
from jem_tui.jem.data.image_paths import readable_name
from jem_tui.jem.data.image_set import DataSet, ImageSet, Reading, hold_out
from jem_tui.machine_memory import available_memory, in_words


def read_folder(folder: Path, config: DataConfig, seed: int, report: ReportProgress) -> DataSet:
    """Read all images of a folder. Where a folder has no test images, as many as for validation are held out.

    Raises InputError if there are fewer than two classes, no images, unreadable images, or images of different sizes while
    `data.size` does not give one.
    """
    layout = find_layout(folder)
    survey = survey_of([path for files in layout.files.values() for path, _ in files], config.size, report)
    splits = read_splits(layout.files, survey, config, report)
    train, test = splits["train"], splits.get("test")
    if test is None:
        train, test = hold_out(train, config.validation, seed + 1)
    several = f"{survey.series:,} file{'s' if survey.series > 1 else ''} with several images: only the first is used"
    return DataSet(
        name=readable_name(folder.resolve().name),
        class_names=layout.class_names,
        train=train,
        test=test,
        validation=splits.get("validation"),
        reading=Reading(
            skipped=dict(layout.skipped),
            spans=dict(survey.spans.items()),
            warnings=(*layout.warnings, *([several] if survey.series else [])),
        ),
    )


def read_splits(
    splits: Mapping[str, Files], survey: Survey, config: DataConfig, report: ReportProgress
) -> dict[str, ImageSet]:
    """Read the images of every split that has some. Raises InputError if there are files that cannot be read."""
    refuse_too_many(sum(map(len, splits.values())), survey)
    read = {split: read_images(files, split, survey, config, report) for split, files in splits.items() if files}
    refuse_broken(survey, sum(map(len, splits.values())))
    return read


def refuse_too_many(count: int, survey: Survey) -> None:
    """Raise InputError if the images do not fit into memory."""
    need, room = count * survey.height * survey.width * (3 if survey.colour else 1), available_memory()
    if need > room:
        raise InputError(
            f"{count:,} images of {survey.width}×{survey.height} pixels need {in_words(need)} of memory, "
            f"but {in_words(room)} are free.",
            "Try -s data.size=64, or a smaller size.",
        )


def read_images(files: Files, split: str, survey: Survey, config: DataConfig, report: ReportProgress) -> ImageSet:
    """Read a split as one array (n, height, width, channels), and add files that cannot be read to the survey."""
    labels = np.array([label for _, label in files], np.int64)
    pixels = np.zeros((len(files), survey.height, survey.width, 3 if survey.colour else 1), np.uint8)
    for row, path in enumerate(
        with_progress([path for path, _ in files], f"reading {len(files):,} {split} images", report)
    ):
        if path in survey.broken:
            continue
        try:
            pixels[row] = read_picture(path, survey.mode, config.size, config.background, survey.spans)
        except UnreadableError as error:
            survey.broken[path] = str(error)
    return ImageSet(images=pixels, labels=labels)
