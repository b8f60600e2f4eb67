from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.errors import InputError
from jem_tui.jem.data.held_out_classes import class_index, without_classes
from jem_tui.jem.data.image_set import DataSet, ImageSet
from tests.jem.data.test_datasets import load, write_images

NAMES = ("cat", "dog", "emu", "fox")


def images(labels: list[int]) -> ImageSet:
    """Return images whose pixels are the label."""
    values = np.array(labels, np.int64)
    return ImageSet(
        images=np.broadcast_to(values[:, None, None, None], (len(labels), 2, 2, 1)).astype(np.uint8), labels=values
    )


def data(validation: bool = False) -> DataSet:
    labels = [3, 0, 1, 2, 2, 1, 0, 3, 3, 1]
    return DataSet(
        name="pets",
        class_names=NAMES,
        train=images(labels),
        test=images(labels[:6]),
        validation=images(labels[4:]) if validation else None,
    )


@given(chosen=st.lists(st.sampled_from(NAMES), max_size=2, unique=True), validation=st.booleans())
def test_every_image_keeps_the_name_of_its_class(chosen: list[str], validation: bool):
    before, after = data(validation), without_classes(data(validation), ", ".join(chosen))
    assert after.class_names == tuple(name for name in NAMES if name not in chosen)
    for split in ("train", "test", "validation"):
        old, new = getattr(before, split), getattr(after, split)
        if old is None:
            assert new is None
            continue
        names = [NAMES[label] for label in old.labels]
        assert [after.class_names[label] for label in new.labels] == [name for name in names if name not in chosen]
        assert [NAMES[value] for value in new.images[:, 0, 0, 0]] == [after.class_names[label] for label in new.labels]
    assert set(after.outside) == {name for name in chosen if NAMES.index(name) in before.test.labels}
    for name, found in after.outside.items():
        assert set(found.images.flat) == {NAMES.index(name)}
    left_out = sum(after.reading.skipped.values())
    assert left_out == sum(len(getattr(before, s)) - len(getattr(after, s)) for s in ("train", "test")) + (
        len(before.validation or ()) - len(after.validation or ())
    )


def test_no_held_out_class_leaves_the_data_itself():
    original = data()
    assert without_classes(original, "") is original
    assert without_classes(original, " , ") is original


def test_numbers_name_classes_in_their_order():
    assert without_classes(data(), "3,0").class_names == ("dog", "emu")
    assert class_index("1", NAMES) == 1


def test_a_number_is_a_name_where_all_names_are_numerals():
    assert class_index("5", ("0", "1", "5")) == 2
    with pytest.raises(InputError, match="There is no class '2'"):
        class_index("2", ("0", "1", "5"))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("cta", "There is no class 'cta'.*cat"),
        ("7", "There is no class '7'"),
        ("-1", "There is no class '-1'"),
        ("cat,dog,emu", "Holding out 3 of 4 classes leaves only one to train on"),
    ],
)
def test_an_impossible_choice_is_refused_in_one_sentence(asked: str, sentence: str):
    with pytest.raises(InputError, match=sentence) as error:
        without_classes(data(), asked)
    assert "\n" not in str(error.value)


def test_a_folder_of_two_classes_cannot_lose_one(tmp_path):
    folder = write_images(tmp_path / "pets")
    with pytest.raises(InputError, match="leaves only one to train on"):
        load(folder, hold_out="dog")


def test_a_class_of_a_folder_and_a_digit_are_held_out(tmp_path):
    folder = write_images(tmp_path / "pets", classes=NAMES, count=12)
    found = load(folder, hold_out="emu")
    assert found.class_names == ("cat", "dog", "fox")
    assert set(found.train.labels) == {0, 1, 2}
    assert found.outside.keys() <= {"emu"}
    digits = load("mnist-mini", hold_out="9")
    assert digits.class_names == tuple("012345678")
    assert len(digits.train) + digits.reading.skipped["class 9"] - len(digits.outside["9"]) == 10_000


def test_data_whose_test_images_are_all_held_out_is_refused():
    pets = data()
    alone = DataSet(name="pets", class_names=NAMES, train=pets.train, test=images([2, 2]))
    with pytest.raises(InputError, match="No test images would remain"):
        without_classes(alone, "emu")
