"""The splits of a folder of images: sub-folders named after a split, with one sub-folder a class in each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from unicodedata import normalize

from jem_tui.errors import InputError
from jem_tui.jem.data.image_paths import endings, has_images, images_below, is_image, readable_name, sub_folders

Role = Literal["train", "validation", "test", "unlabelled"]
ROLES: dict[Role, str] = {
    "train": "train|training",
    "validation": "val|valid|validation",
    "test": "test|testing",
    "unlabelled": "pred|predict|prediction|unlabeled|unlabelled|unsup",
}
ROLE_WORDS = {role: re.compile(f"(?:{words})(?:set|data|images|imgs)?") for role, words in ROLES.items()}
BETWEEN_WORDS = re.compile(r"[\W\d_]+|(?<=[a-z])(?=[A-Z])")
DEEPEST = 5
"""Largest number of nested folders that contain a single folder each, above the folders of classes."""

Classes = Mapping[str, Path]
"""The folder of each class, in the order of their names."""
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


def innermost(folder: Path) -> Path:
    """Return the folder itself, or the folder below it that holds more than a single folder of folders."""
    for _ in range(DEEPEST):
        inside = sub_folders(folder)
        if len(inside) != 1 or has_images(folder) or has_images(inside[0]) or not sub_folders(inside[0]):
            break
        folder = inside[0]
    return folder


def find_splits(root: Path, skipped: Counter[str]) -> dict[str, Classes]:
    """Find the class folders of each split; folders without the name of a split are for training. Raises InputError if the splits are ambiguous."""
    inside = sub_folders(root)
    roles = {
        sub: role for sub in inside if (role := role_of(sub.name)) not in (None, "unlabelled") and has_classes(sub)
    }
    if not roles:
        refuse_flat_splits(root, inside)
        return splits_of_classes(inside) or {"train": named_classes(inside)}
    chosen = {role: one_of(root, role, roles) for role in ROLES if role in roles.values()}
    splits = {str(role): class_folders(sub) for role, sub in chosen.items()}
    others = [sub for sub in inside if sub not in roles and not role_of(sub.name)]
    if "train" not in splits:
        splits = {"train": named_classes(others), **splits}
    elif len(splits) == 1 and sum(map(has_images, others)) > 1:
        raise InputError(
            f"{root} has folders of classes inside {chosen['train'].name}, and images in {others[0].name}.",
            "Move either kind elsewhere, so that only folders of classes remain.",
        )
    known = splits["train"]
    splits = {role: classes for role, classes in splits.items() if classes is known or not unlabelled(classes, known)}
    count_unused({*inside} - {sub for role, sub in chosen.items() if role in splits} - {*known.values()}, skipped)
    return splits


def splits_of_classes(inside: Sequence[Path]) -> dict[str, Classes]:
    """Find the splits inside the class folders, or nothing unless every class folder has training images in a sub-folder."""
    parts: dict[str, dict[str, Path]] = {}
    for name, folder in named_classes(inside).items():
        for sub in [] if has_images(folder) else sub_folders(folder):
            if (role := role_of(sub.name)) and role != "unlabelled":
                parts.setdefault(role, {})[name] = sub
    divided = 1 < len(inside) == len(parts.get("train", ()))
    return {role: parts[role] for role in ROLES if role in parts} if divided else {}


def role_of(name: str) -> Role | None:
    """Return the role in the words of a folder's name, as in `seg_train`; None if no word names a role."""
    words = [word.casefold() for word in BETWEEN_WORDS.split(name)]
    found = {role for word in words for role, pattern in ROLE_WORDS.items() if pattern.fullmatch(word)}
    return found.pop() if len(found) == 1 else None


def has_classes(folder: Path) -> bool:
    """Return whether a folder has folders of images rather than images of its own."""
    folder = innermost(folder)
    return not has_images(folder) and any(images_below(sub, Counter(), most=1) for sub in sub_folders(folder))


def unlabelled(classes: Classes, known: Classes) -> bool:
    """Return whether all images of a split are in one folder that is not a class, as in `test/images` or `test/unknown`."""
    return len(classes) == 1 and not set(classes) & set(known)


def one_of(root: Path, role: Role, roles: Mapping[Path, Role | None]) -> Path:
    """Choose the folder of a split, preferring exact names. Raises InputError if two folders qualify."""
    found = [sub for sub, its in roles.items() if its == role]
    exact = [sub for sub in found if re.fullmatch(ROLES[role], sub.name.casefold())] or found
    if len(exact) > 1:
        raise InputError(
            f"Both {readable_name(exact[0].name)} and {readable_name(exact[1].name)} in {root} could be the {role} images.",
            "Rename one of these folders, or move it elsewhere.",
        )
    return exact[0]


def refuse_flat_splits(root: Path, inside: Sequence[Path]) -> None:
    """Raise InputError where the sub-folders are training and test images without folders of classes."""
    roles = {role_of(sub.name) for sub in inside}
    if None not in roles and "train" in roles and len(roles) > 1:
        raise InputError(
            f"{root} is split into {' and '.join(readable_name(sub.name) for sub in inside[:3])}, without folders of classes.",
            "Each split needs one sub-folder of images for each class, as in train/cat and train/dog.",
        )


def count_unused(folders: Iterable[Path], skipped: Counter[str]) -> None:
    """Count the images of folders that belong to no split."""
    for folder in folders:
        skipped[f"images of the folder {readable_name(folder.name)}"] += len(images_below(folder, Counter()))


def class_folders(folder: Path) -> Classes:
    """List the folder of each class of a split."""
    return named_classes(sub_folders(innermost(folder)))


def named_classes(folders: Iterable[Path]) -> Classes:
    """List folders by class name in Unicode form NFC, which is equal on all systems. Raises InputError if two names become equal."""
    found: dict[str, Path] = {}
    for folder in folders:
        name = normalize("NFC", readable_name(folder.name))
        if name in found:
            raise InputError(f"{folder.parent} has two folders of the name {name}.", "Rename either folder.")
        found[name] = folder
    return dict(sorted(found.items()))


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
