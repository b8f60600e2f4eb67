"""Splits of a folder of images, with many names of sub-folders and with other files among the images."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.jem.data.folder_layout import find_layout
from jem_tui.jem.data.folder_splits import role_of
from jem_tui.jem.data.image_folder import read_folder
from jem_tui.jem.data.image_paths import is_leftover
from tests.examples import examples

TREE = settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JUNK_FILES = ("._x.png", ".DS_Store", "Thumbs.db", "desktop.ini", ".hidden.jpg", "Icon\r", "notes.txt", "labels.csv")
JUNK_FOLDERS = ("__MACOSX", ".ipynb_checkpoints", ".git", "@eaDir", ".Trash-0", "__pycache__")
CLASS_NAME = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=20
).filter(lambda name: not is_leftover(name) and role_of(name) is None)


def quiet(text: str, fraction: float | None) -> None:
    pass


def place(folder: Path, count: int = 3, ending: str = "png") -> None:
    folder.mkdir(parents=True)
    for i in range(count):
        Image.new("L", (4, 4), 10 * i).save(folder / f"{i}.{ending}")


def litter(root: Path, dice: random.Random) -> None:
    """Put hidden and system files into every folder of a tree."""
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        for name in dice.sample(JUNK_FILES, 3):
            (folder / name).write_bytes(b"junk")
        for name in dice.sample(JUNK_FOLDERS, 2):
            place(folder / name / "inside", count=2)


def split_of(tree: Path) -> dict[str, list[str]]:
    """Return the files of each split, relative to the tree."""
    layout = find_layout(tree)
    return {split: sorted(str(path.relative_to(tree)) for path, _ in files) for split, files in layout.files.items()}


@TREE
@given(
    names=st.sampled_from(
        [
            *(
                ("train", "test"),
                ("training", "testing"),
                ("Train", "Test"),
                ("TRAINING", "VALIDATION"),
                ("train", "val"),
            ),
            *(
                ("seg_train", "seg_test"),
                ("train_images", "valid_images"),
                ("trainSet", "testSet"),
                ("x-train", "x-test"),
            ),
            *(("Training Data", "Testing Data"), ("train2017", "val2017"), ("trainset", "testset")),
        ]
    ),
    nested=st.sampled_from(["", "data", "data/images", "MNIST/png"]),
    doubled=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_splits_are_understood_by_their_names(tmp_path_factory, names, nested, doubled, seed):
    tree = tmp_path_factory.mktemp("tree")
    for name, count in zip(names, (4, 2), strict=True):
        inner = tree / nested / name / (name if doubled else "")
        for label in ("0", "1"):
            place(inner / label, count)
    litter(tree, random.Random(seed))
    layout = find_layout(tree)
    assert layout.class_names == ("0", "1")
    assert {split: len(files) for split, files in layout.files.items()} == {"train": 8, "test": 4}
    assert all(names[0] in str(path.relative_to(tree)) for path, _ in layout.files["train"])
    assert all(path.parent.name == str(label) for files in layout.files.values() for path, label in files)
    assert layout.skipped["hidden or system files"] > 0


@TREE
@given(classes=st.sets(CLASS_NAME, min_size=2, max_size=5), seed=st.integers(0, 1000))
def test_class_folders_of_any_name_are_classes(tmp_path_factory, classes, seed):
    tree, made = tmp_path_factory.mktemp("tree"), 0
    for name in sorted(classes):
        try:
            (tree / name).mkdir()
        except OSError:
            continue
        made += 1
        Image.new("L", (4, 4)).save(tree / name / "x.PNG")
    litter(tree, random.Random(seed))
    try:
        layout = find_layout(tree)
    except InputError as error:
        assert made < 2 or "two folders of the name" in str(error)
    else:
        assert len(layout.class_names) == made
        assert Counter(label for _, label in layout.files["train"]) == Counter(range(made))


def test_own_validation_images_are_used_and_the_unlabelled_are_left_out(tmp_path):
    for name, count in (("train", 5), ("val", 2), ("test", 3), ("pred", 4)):
        for label in ("cat", "dog"):
            place(tmp_path / name / label, count)
    place(tmp_path / "examples", 7)
    layout = find_layout(tmp_path)
    assert {split: len(files) for split, files in layout.files.items()} == {"train": 10, "validation": 4, "test": 6}
    assert layout.skipped == {"images of the folder pred": 8, "images of the folder examples": 7}
    data = read_folder(tmp_path, DataConfig(), 0, quiet)
    assert data.validation is not None
    assert data.split(0.5, 0) == (data.train, data.validation)


def test_splits_inside_the_class_folders_are_splits(tmp_path):
    for label in ("cat", "dog"):
        place(tmp_path / label / "train", 5)
        place(tmp_path / label / "test", 2)
    assert {split: len(files) for split, files in split_of(tmp_path).items()} == {"train": 10, "test": 4}


def test_a_test_folder_next_to_the_class_folders_is_not_a_class(tmp_path):
    for label in ("cat", "dog"):
        place(tmp_path / label, 5)
        place(tmp_path / "Test" / label, 2)
    assert find_layout(tmp_path).class_names == ("cat", "dog")
    assert {split: len(files) for split, files in split_of(tmp_path).items()} == {"train": 10, "test": 4}


def test_images_of_a_split_in_one_folder_that_is_no_class_are_left_out(tmp_path):
    for label in ("n01", "n02"):
        place(tmp_path / "train" / label / "images", 5)
    for name in ("val/images", "test/unknown"):
        place(tmp_path / name, 4)
    layout = find_layout(tmp_path)
    assert list(layout.files) == ["train"]
    assert layout.skipped == {"images of the folder val": 4, "images of the folder test": 4}


def test_a_vehicle_called_train_is_a_class(tmp_path):
    for label in ("bus", "train", "test_tube"):
        place(tmp_path / label)
    assert find_layout(tmp_path).class_names == ("bus", "test_tube", "train")


def test_splits_without_class_folders_are_refused(tmp_path):
    for label in ("training", "testing"):
        place(tmp_path / label)
    with pytest.raises(InputError, match=r"is split into testing and training, .* train/cat and train/dog"):
        find_layout(tmp_path)


@pytest.mark.parametrize(
    ("folders", "sentence"),
    [
        (("train/a", "train/b", "test/a", "test/c"), r"test has classes that the training folder lacks: c\."),
        (("Train/a", "Train/b", "train/a", "train/b"), r"Both Train and train in .* could be the train images"),
        (("a_train/a", "a_train/b", "b_train/a", "b_train/b"), r"Both a_train and b_train in "),
        (("train/a", "train/b", "bus", "car"), r"has folders of classes inside train, and images in bus"),
        (("train/a", "test/a"), r"has 1 sub-folder\. It needs one"),
        (("caf\u00e9", "cafe\u0301"), r"has two folders of the name caf\u00e9\."),
    ],
)
def test_ambiguous_splits_are_refused(folders, sentence, tmp_path):
    for folder in folders:
        place(tmp_path / folder)
    with pytest.raises(InputError, match=sentence) as error:
        find_layout(tmp_path)
    assert "\n" not in str(error.value)


def test_a_class_without_test_images_gives_a_warning(tmp_path):
    for folder in ("train/a", "train/b", "test/a"):
        place(tmp_path / folder)
    assert find_layout(tmp_path).warnings == ("there are no test images of b",)


def test_empty_class_folders_are_named(tmp_path):
    for folder in ("a", "b"):
        place(tmp_path / folder)
    for folder in ("c", "d"):
        (tmp_path / folder).mkdir()
    with pytest.raises(InputError, match=r"/c holds no images, nor does d\. Image files end in \.png"):
        find_layout(tmp_path)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *((name, "train") for name in ("train", "Training", "seg_train", "train_images", "trainImages", "TRAIN2017")),
        *((name, "test") for name in ("test", "Testing", "asl_alphabet_test", "test-set")),
        *((name, "validation") for name in ("val", "Valid", "VALIDATION", "valid_set")),
        *((name, None) for name in ("trainer", "contest", "value", "train_test", "0", "restrain", "latest", "")),
    ],
)
def test_roles_are_words_of_a_name(name, role):
    assert role_of(name) == role


PARTS = ("train", "Test", "val", "seg_pred", "cat", "dog", "images", "0", ".git", "__MACOSX")
ENTRIES = ("x.png", "y.JPG", "z.txt", "._x.png", "Thumbs.db", "link.png", "up", "")


@settings(TREE, max_examples=examples(37))
@given(
    paths=st.lists(
        st.tuples(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4), st.sampled_from(ENTRIES)), max_size=14
    )
)
def test_any_folder_tree_has_a_layout_or_is_refused(tmp_path_factory, paths):
    tree = tmp_path_factory.mktemp("tree")
    for parts, name in paths:
        folder = tree.joinpath(*parts)
        folder.mkdir(parents=True, exist_ok=True)
        entry = folder / name
        if name in ("link.png", "up"):
            if not entry.is_symlink():
                entry.symlink_to(".." if name == "up" else "nothing")
        elif name:
            entry.write_bytes(b"")
    try:
        layout = find_layout(tree)
    except InputError as error:
        assert "\n" not in str(error)
        return
    labels = {label for _, label in layout.files["train"]}
    assert labels == set(range(len(layout.class_names))) and len(labels) >= 2
    used = [path for files in layout.files.values() for path, _ in files]
    assert len(used) == len(set(used))
    assert not any(is_leftover(part) for path in used for part in path.relative_to(tree).parts)
    assert all(label in range(len(layout.class_names)) for files in layout.files.values() for _, label in files)
