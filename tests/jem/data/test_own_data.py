"""Data of a user: every usable form gives the same pixels, and each wrong one a sentence that names the item."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from jem_tui.config.schema import DataConfig
from jem_tui.config.setting import Arguments
from jem_tui.errors import InputError
from jem_tui.jem.data.datasets import load_data
from jem_tui.jem.data.image_set import DataSet
from tests.jem.data import own_sets
from tests.jem.data.own_sets import COUNT, LABELS, USABLE, WRONG, pixels

MODULE = "tests.jem.data.own_sets"


def load(function: str, **args: object) -> DataSet:
    """Load data of a function of the tables."""
    return load_data(DataConfig(name=f"{MODULE}:{function}", args=Arguments(args)), 7, lambda text, fraction: None)


@pytest.mark.parametrize("form", USABLE)
def test_every_form_gives_the_same_pixels(form):
    data = load("load", form=form)
    for split in (data.train, data.test):
        assert np.array_equal(split.images, pixels()) and split.images.dtype == np.uint8
        assert np.array_equal(split.labels, LABELS) and split.labels.dtype == np.int64
    assert data.validation is None and data.name == f"{MODULE}:load"
    named = hasattr(USABLE[form], "classes") or form == "a subset"
    assert data.class_names == (("ant", "bee", "cat") if named else ("0", "1", "2"))


def test_test_images_are_held_out_where_there_are_none():
    data = load("load", form="one array", test=False)
    assert len(data.test) == 1 and len(data.train) == COUNT - 1


SENTENCES = {
    "nothing": "returned nothing. Return (train, test)",
    "four values": "returned a tuple of 4 values",
    "no training images": "returned a tuple of 2 values",
    "a number": "The split train of {} is of type int",
    "a mapping": "is of type dict. Return (train, test)",
    "a generator": "is of type generator, which has no length or no items by number.",
    "a stream": "is of type Stream, which has no length",
    "a loader": "is a DataLoader. Return its data set",
    "empty": "The split train of {} is empty",
    "an empty test split": "The split test of {} is empty",
    "an empty array": "The split train of {} is empty",
    "no length": "has no length: NotImplementedError (",
    "too short": "Image 12 of train from {} cannot be read: IndexError",
    "an unreadable item": "Image 5 of train from {} cannot be read: OSError: no such file (",
    "a single value": "Image 3 of train from {} is a value of type ndarray, not a pair (image, label)",
    "a dict": "is a value of type dict, not a pair",
    "a path": "Image 3 of train from {} is of type str. An image is a Pillow image",
    "another size": "Image 3 of train from {} has the shape (5, 8, 3), but image 0 has (6, 8, 3)",
    "another size of the test images": "The test images of {} have the shape (5, 8, 3), but the train images have (6, 8, 3)",
    "gray among colour": "Image 3 of train from {} has the shape (6, 8, 1), but image 0 has (6, 8, 3)",
    "four channels": "Image 0 of train from {} has the shape (6, 8, 4): no axis of channels has the length 1 or 3",
    "four axes": "has the shape (1, 6, 8, 3). An image is",
    "no pixels": "has the shape (0, 8). An image is",
    "integers of 64 bits": "Image 0 of train from {} holds values of type int64. Return uint8 images",
    "booleans": "holds values of type bool",
    "a normalised tensor": "Leave out the normalisation, such as transforms.Normalize",
    "0 to 255 in floating point": "Return uint8 images (0 to 255), or floating-point images in [0, 1]. Divide values up to 255 by 255.",
    "not a number": "Image 3 of train from {} holds values that are not finite",
    "a picture of 16 bits": "Image 3 of train from {} has the mode I;16, which is not 8-bit",
    "a text label": "Image 3 of train from {} has the label 'cat' of type str",
    "a fractional label": "has the label 1.5 of type float",
    "a one-hot label": "has the label [1.0, 0.0, 0.0]",
    "a tensor of a fractional label": "has the label 1.0",
    "a negative label": "has the label -1. A label is a whole number",
    "a huge label": "has the label 1099511627776",
    "a boolean label": "has the label True of type bool",
    "labels from 1": "The labels of {} go from 1 to 3. Subtract 1: labels begin at 0.",
    "labels from 1 with names": "The labels of {} go from 1 to 3. Subtract 1",
    "a label beyond the names": "Image 3 of train from {} has the label 3, but there are 3 classes",
    "a class without images": "The class cat (label 2) of {} has no training image",
    "an unknown class in test": "Image 0 of test from {} has the label 3, but there are 3 classes",
    "one class": "has a single class",
    "two classes of one name": "has two classes named 'ant'",
    "too few labels": "has 12 images and labels of shape (5,)",
    "labels of floating point": "has labels of type float64",
    "an array of two axes of labels": "has 12 images and labels of shape (12, 3)",
    "an array of five axes": "The array of the train images of {} has the shape (4, 1, 2, 3, 3)",
    "a normalised array": "The array of the train images of {} holds values from -1 to 1.",
}


@pytest.mark.parametrize("case", WRONG)
def test_each_wrong_form_gets_a_sentence_that_names_the_item(case):
    with pytest.raises(InputError) as caught:
        load("load_wrong", case=case)
    assert SENTENCES[case].format(f"{MODULE}:load_wrong") in str(caught.value)
    assert "\n" not in str(caught.value) and caught.value.hint


def test_a_function_that_fails_or_refuses_its_arguments_is_named():
    with pytest.raises(
        InputError,
        match=r"cannot be loaded: FileNotFoundError: no images, code 3 \(.*own_sets\.py, line \d+\)\. .*failing\(code=3\)",
    ):
        load("failing", code=3)
    with pytest.raises(InputError, match=r"cannot be loaded: TypeError: .*unexpected keyword argument 'cod'"):
        load("failing", cod=3)
    with pytest.raises(InputError, match=r"mnist-mini takes no data\.args, but root is set"):
        load_data(DataConfig(args=Arguments(root="x")), 0, lambda text, fraction: None)


def test_random_images_depend_on_the_seed_alone():
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()
    first, again = load("load_random"), load("load_random")
    assert np.array_equal(first.train.images, again.train.images)
    assert random.getstate() == states[0] and np.random.get_state()[1].tolist() == states[1]
    assert torch.equal(torch.get_rng_state(), states[2])


def test_images_that_do_not_fit_into_memory_are_refused(monkeypatch):
    monkeypatch.setattr("jem_tui.jem.data.own_data.available_memory", lambda: 100)
    with pytest.raises(InputError, match=r"12 images of 8×6 pixels, which need .* of memory, but .* are free"):
        load("load", form="pairs of uint8 arrays")


def test_a_folder_of_the_very_name_stays_a_folder(tmp_path, monkeypatch):
    (tmp_path / f"{MODULE}:load").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="has no sub-folders"):
        load("load")


def test_the_progress_of_slow_data_is_reported(monkeypatch):
    monkeypatch.setattr("jem_tui.jem.data.own_data.REPORT_EVERY", 5)
    seen: list[tuple[str, float | None]] = []
    config = DataConfig(name=f"{MODULE}:load", args=Arguments(form="a subset"))
    load_data(config, 0, lambda text, fraction: seen.append((text, fraction)))
    assert ("reading 12 train images", 5 / 12) in seen and own_sets.COUNT == 12


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("my.py:load", "Write --data my:load."),
        ("sets/my.py:load", "Write --data sets.my:load."),
        ("my-set:load", "For example: --data mydata:load."),
    ],
)
def test_a_name_that_is_nearly_one_of_code_gets_a_hint(name, hint):
    with pytest.raises(InputError) as caught:
        load_data(DataConfig(name=name), 0, lambda text, fraction: None)
    assert caught.value.hint == hint
