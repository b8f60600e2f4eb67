"""A folder with one sub-folder of images a class, or with `train/` and `test/` of that form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.jem.images import DataSet, ImageSet, hold_out

Report = Callable[[str, float | None], None]
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
TEST_NAMES = ("test", "val", "valid", "validation")
REPORT_EVERY = 500
GRAY_MODES = ("1", "L", "LA", "I", "I;16", "F")
DEEP_MODES = ("I", "I;16", "I;16B", "I;16L")


def read_folder(folder: Path, config: DataConfig, seed: int, report: Report) -> DataSet:
    """All images of a folder. Where it has no test images of its own, as many as for validation are held out.

    Raises InputError if there are fewer than two classes, no images, unreadable images, or images of different sizes while
    `data.size` does not give one.
    """
    train_dir = folder / "train" if (folder / "train").is_dir() else folder
    test_dir = next((folder / name for name in TEST_NAMES if (folder / name).is_dir()), None)
    has_test = train_dir != folder and test_dir is not None
    names = class_folders(train_dir)
    mode = "RGB" if has_colour(list_images(train_dir, names)) else "L"
    train = read_images(train_dir, names, mode, config.size, report)
    if has_test and test_dir is not None:
        size = train.images.shape[1]
        test = read_images(test_dir, class_folders(test_dir, names), mode, config.size or size, report)
    else:
        train, test = hold_out(train, config.validation, seed + 1)
    return DataSet(name=folder.resolve().name, class_names=names, train=train, test=test)


def class_folders(folder: Path, expected: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of the class folders, sorted. Raises InputError unless there are two, or those of `expected`."""
    names = tuple(sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")))
    if len(names) < 2:
        raise InputError(
            f"{folder} has {len(names) or 'no'} sub-folder{'' if len(names) == 1 else 's'}.",
            "It needs one sub-folder of images for each of two or more classes.",
        )
    if expected and set(names) - set(expected):
        raise InputError(
            f"{folder} has classes that the training folder lacks: {', '.join(sorted(set(names) - set(expected)))}."
        )
    return tuple(expected) or names


def list_images(folder: Path, names: Sequence[str]) -> list[tuple[Path, int]]:
    """Every image file below the class folders, with its class. Raises InputError if a class has none."""
    found = []
    for label, name in enumerate(names):
        files = sorted(p for p in (folder / name).rglob("*") if p.suffix.lower() in SUFFIXES)
        if not files:
            raise InputError(f"{folder / name} holds no images.", f"Looked for {' '.join(sorted(SUFFIXES))}.")
        found += [(path, label) for path in files]
    return found


def has_colour(files: Sequence[tuple[Path, int]]) -> bool:
    """Whether one of a few images, spread over all, is not gray."""
    return any(open_image(path).mode not in GRAY_MODES for path, _ in files[:: max(1, len(files) // 20)])


def read_images(folder: Path, names: Sequence[str], mode: str, size: int, report: Report) -> ImageSet:
    """The images of a folder of class folders as one array (n, height, width, channels)."""
    files = list_images(folder, names)
    pixels: list[NDArray[np.uint8]] = []
    for done, (path, _) in enumerate(files):
        if done % REPORT_EVERY == 0:
            report(f"reading {len(files):,} images of {folder.name}", done / len(files))
        pixels.append(as_array(open_image(path), mode, size))
        if pixels[-1].shape != pixels[0].shape:
            height, width = pixels[-1].shape[:2]
            first_height, first_width = pixels[0].shape[:2]
            raise InputError(
                f"{path} is {width}×{height}, but {files[0][0]} is {first_width}×{first_height}.",
                "Try -s data.size=32 to bring all images to one size.",
            )
    return ImageSet(images=np.stack(pixels), labels=np.array([label for _, label in files], np.int64))


def open_image(path: Path) -> Image.Image:
    """A decoded image. Raises InputError if it is not one."""
    try:
        with Image.open(path) as image:
            image.load()
            return image
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError, SyntaxError) as error:
        cause = "it is no image file" if isinstance(error, UnidentifiedImageError) else str(error)
        raise InputError(f"Cannot read the image {path}: {cause}.", "Repair it or take it out of the folder.") from None


def as_array(image: Image.Image, mode: str, size: int) -> NDArray[np.uint8]:
    """(height, width, channels), cut and scaled to a square of `size` unless that is 0."""
    if image.mode in DEEP_MODES:
        image = Image.fromarray((np.asarray(image).astype(np.float64) / 257).clip(0, 255).astype(np.uint8))
    image = image.convert(mode)
    if size:
        image = ImageOps.fit(image, (size, size))
    array = np.asarray(image)
    return array if array.ndim == 3 else array[..., None]
