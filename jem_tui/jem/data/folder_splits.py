"""The splits of a folder of images: sub-folders named after a split, with one sub-folder a class in each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal
from unicodedata import normalize

from jem_tui.errors import InputError
from jem_tui.jem.data.image_paths import has_images, images_below, readable_name, sub_folders

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
    others = [sub for sub in inside if sub not in roles and not role_of(sub.name)]
    if "train" in chosen:
        refuse_other_classes(root, chosen, others)
        known = class_folders(chosen["train"])
    else:
        known = named_classes(others)
    splits = {str(role): class_folders(sub) for role, sub in chosen.items() if role != "train"}
    splits = {"train": known, **{role: classes for role, classes in splits.items() if not unlabelled(classes, known)}}
    count_unused({*inside} - {sub for role, sub in chosen.items() if role in splits} - {*known.values()}, skipped)
    return splits


def refuse_other_classes(root: Path, chosen: Mapping[Role, Path], others: Sequence[Path]) -> None:
    """Raise InputError where a training folder is the only split, and other folders next to it look like classes, too."""
    if len(chosen) == 1 and sum(map(has_images, others)) > 1:
        raise InputError(
            f"{root} has folders of classes inside {chosen['train'].name}, and images in {others[0].name}.",
            "Move either kind elsewhere, so that only folders of classes remain.",
        )


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


def innermost(folder: Path) -> Path:
    """Return the folder itself, or the folder below it that holds more than a single folder of folders."""
    for _ in range(DEEPEST):
        inside = sub_folders(folder)
        if len(inside) != 1 or has_images(folder) or has_images(inside[0]) or not sub_folders(inside[0]):
            break
        folder = inside[0]
    return folder
