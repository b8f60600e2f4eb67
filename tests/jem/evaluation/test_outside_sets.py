from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from jem_tui.config.schema import DataConfig, RunConfig
from jem_tui.errors import InputError
from jem_tui.jem.data.image_set import DataSet, ImageSet
from jem_tui.jem.evaluation.digit_classes import WORDS, digits_of
from jem_tui.jem.evaluation.outside_sets import make_outside_sets
from tests.jem.data.test_datasets import write_images
from tests.jem.data.test_torchvision_data import idx

DIGITS = tuple("0123456789")


def silent(text: str, fraction: float | None) -> None:
    pass


def opened(name: str, class_names: tuple[str, ...], folder: Path, outside: dict[str, ImageSet] | None = None) -> Any:
    images = ImageSet(images=np.full((4, 28, 28, 1), 9, np.uint8), labels=np.arange(4) % len(class_names))
    data = DataSet(name=name, class_names=class_names, train=images, test=images, outside=outside or {})
    config = RunConfig(data=DataConfig(name=name, dir=str(folder)))
    return SimpleNamespace(config=config, data=data, device=torch.device("cpu"))


def groups(run: Any, *asked: str) -> dict[str, str]:
    pixels = torch.zeros(4, 1, 28, 28, dtype=torch.uint8)
    found = make_outside_sets(run, pixels, torch.arange(4) % 2, asked, 0, 5, silent)
    assert all(len(one.pixels) <= 5 and one.pixels.shape[1:] == (1, 28, 28) for one in found.values())
    return {name: one.group for name, one in found.items()}


def write_emnist(folder: Path) -> None:
    folder.mkdir(parents=True)
    image = np.zeros((3, 28, 28))
    image[:, 0, 5] = 200
    (folder / "emnist-letters-test-images-idx3-ubyte").write_bytes(idx(image))
    (folder / "emnist-letters-test-labels-idx1-ubyte").write_bytes(idx(np.arange(1, 4)))


def test_letters_are_near_and_font_digits_a_control_for_digits_alone(tmp_path):
    found = groups(opened("pets", ("0", "1"), tmp_path))
    assert (found["letters"], "font digits" in found) == ("far", False)
    found = groups(opened("mnist", WORDS, tmp_path))
    assert (found["letters"], found["font digits"], found["mean of two"]) == ("near", "control", "far")


def test_a_held_out_class_is_near(tmp_path):
    nine = ImageSet(images=np.zeros((2, 28, 28, 1), np.uint8), labels=np.zeros(2, np.int64))
    assert groups(opened("mnist", DIGITS[:9], tmp_path, {"9": nine}))["held-out 9"] == "near"


def test_sets_of_the_user_have_the_group_of_their_collection_and_folders_none(tmp_path):
    write_emnist(tmp_path / "EMNIST" / "raw")
    folder = write_images(tmp_path / "letters", count=9, size=(28, 28), mode="L")
    run = opened("mnist", DIGITS, tmp_path)
    found = groups(run, "mnist-mini", "emnist-letters", str(folder))
    assert (found["mnist-mini"], found["emnist-letters"], found[str(folder)]) == ("control", "near", "other")
    pixels = torch.zeros(4, 1, 28, 28, dtype=torch.uint8)
    letters = make_outside_sets(run, pixels, torch.arange(4), ["emnist-letters"], 0, 5, silent)["emnist-letters"].pixels
    # The files hold transposed images.
    assert letters[:, 0, 5, 0].tolist() == [200] * 3


@pytest.mark.parametrize("name", ["emnist-letters", "usps", "cifar100"])
def test_a_collection_that_is_not_there_is_not_downloaded(name, tmp_path):
    with pytest.raises(InputError, match=rf"There is no {name} in .*torchvision\.datasets.*download=True") as error:
        groups(opened("mnist", DIGITS, tmp_path), name)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_digits_are_all_ten_numerals_or_words_without_those_held_out(tmp_path):
    nine = ImageSet(images=np.zeros((2, 28, 28, 1), np.uint8), labels=np.zeros(2, np.int64))
    assert digits_of(opened("x", DIGITS, tmp_path).data) == digits_of(opened("x", WORDS, tmp_path).data) == "0123456789"
    assert digits_of(opened("x", WORDS[:9], tmp_path, {"nine": nine}).data) == "012345678"
    for names in (DIGITS[:9], (*DIGITS, "ten"), ("²", *DIGITS[1:]), ("0", *DIGITS[:9])):
        assert digits_of(opened("x", names, tmp_path).data) == ""
