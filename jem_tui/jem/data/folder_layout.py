"""The layout of a folder of images: the files and classes of each split, and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.jem.data.folder_splits import Classes, find_splits, innermost
from jem_tui.jem.data.image_paths import endings, images_below, is_image

Files = Sequence[tuple[Path, int]]
"""Image files, each with its class."""


@dataclass(frozen=True, kw_only=True)
class FolderLayout:
    """The image files of each split, and the numbers of other files."""

    class_names: tuple[str, ...]
    files: Mapping[str, Files]
    """Images of each split: train, and test and validation where the folder has them."""
    skipped: Counter[str]
    """Number of files that were left out, by reason."""
    warnings: tuple[str, ...] = ()
    """Warnings about the splits."""


def find_layout(folder: Path) -> FolderLayout:
    """Find the layout of a folder. Raises InputError unless the folder has training images of two or more classes."""
    skipped: Counter[str] = Counter()
    splits = find_splits(innermost(folder), skipped)
    warnings = []
    if "validation" in splits and "test" not in splits:
        splits["test"] = splits.pop("validation")
        warnings.append("the validation images of the folder serve as test images")
    names = tuple(splits["train"])
    if len(names) < 2:
        raise InputError(
            f"{folder} has {len(names) or 'no'} sub-folder{'' if len(names) == 1 else 's'}.",
            "It needs one sub-folder of images for each of two or more classes.",
        )
    files = {split: list_images(names, classes, skipped) for split, classes in splits.items()}
    refuse_empty(splits["train"], files["train"])
    warnings += [warning for split in splits for warning in lacking(split, names, files[split])]
    return FolderLayout(class_names=names, files=files, skipped=+skipped, warnings=tuple(warnings))


def list_images(names: Sequence[str], classes: Classes, skipped: Counter[str]) -> Files:
    """List every image file of a split with its class. Raises InputError if a class is not among `names`."""
    labels = {name: label for label, name in enumerate(names)}
    if strangers := sorted(set(classes) - set(labels)):
        where = classes[strangers[0]].parent
        raise InputError(
            f"{where} has classes that the training folder lacks: {', '.join(strangers)}.",
            "Rename these folders, or remove them.",
        )
    for parent in {folder.parent for folder in classes.values()}:
        outside = sum(entry.is_file() and is_image(entry.name) for entry in parent.iterdir())
        skipped["images outside the class folders"] += outside
    return [(path, labels[name]) for name, folder in classes.items() for path in images_below(folder, skipped)]


def refuse_empty(classes: Classes, files: Files) -> None:
    """Raise InputError if a class has no training images."""
    present = {label for _, label in files}
    empty = [folder for label, folder in enumerate(classes.values()) if label not in present]
    if empty:
        others = f", nor do{'es' if len(empty) == 2 else ''} {', '.join(folder.name for folder in empty[1:4])}"
        more = others + (" and others" if len(empty) > 4 else "")
        raise InputError(
            f"{empty[0]} holds no images{more if empty[1:] else ''}.", f"Image files end in {' '.join(endings())}."
        )


def lacking(split: str, names: Sequence[str], files: Files) -> list[str]:
    """Return a warning that names the classes without images in a split, if there are any."""
    present = {label for _, label in files}
    missing = [name for label, name in enumerate(names) if label not in present]
    if not missing:
        return []
    return [f"there are no {split} images of {', '.join(missing[:3])}{' and others' if len(missing) > 3 else ''}"]
