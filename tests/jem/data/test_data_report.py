"""The report of a run on its data, on the screen, on stderr, in run.json and in a replay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from jem_tui.events.run import Loading, Note, RunStarted, StepDone
from jem_tui.jem.data.data_report import DataReport, make_data_report
from jem_tui.jem.data.image_set import DataSet, ImageSet, Reading
from jem_tui.stream.runs.run_dir import read_run_file
from jem_tui.stream.writer.recorder import Recorder
from tests.examples import examples
from tests.jem.runs import run, small_config

CLASSES = ("a", "b", "c")
numbers = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), min_size=1, max_size=40)


def images(pairs: Sequence[tuple[int, int]]) -> ImageSet:
    """Return an image of one pixel for each (shade, class)."""
    shades = np.array([shade for shade, _ in pairs], np.uint8)
    return ImageSet(images=shades.reshape(-1, 1, 1, 1), labels=np.array([label for _, label in pairs], np.int64))


def report(
    train: Sequence[tuple[int, int]],
    validation: Sequence[tuple[int, int]],
    test: Sequence[tuple[int, int]],
    **reading: Any,
) -> DataReport:
    sets = images(train), images(validation), images(test)
    data = DataSet(name="dots", class_names=CLASSES, train=sets[0], test=sets[2], reading=Reading(**reading))
    return make_data_report(data, sets[0], sets[1])


@settings(max_examples=examples(50), deadline=None)
@given(train=numbers, validation=numbers, test=numbers)
def test_the_figures_are_those_of_the_images(train, validation, test):
    splits = {"train": train, "validation": validation, "test": test}
    about = report(**splits)
    for split, pairs in splits.items():
        assert about.counts[split] == {
            name: sum(label == number for _, label in pairs) for number, name in enumerate(CLASSES)
        }
    shades = [shade for pairs in splits.values() for shade, _ in pairs]
    assert about.pixels == (min(shades), max(shades))
    for pair, count in about.duplicates.items():
        one, other = pair.split("/")
        assert count == sum(shade in {known for known, _ in splits[one]} for shade, _ in splits[other])
    text = " / ".join(about.warnings)
    for number, name in enumerate(CLASSES):
        of_class = [shade for shade, label in train if label == number]
        equal, few = len(of_class) > 1 and len(set(of_class)) == 1, 10 * len(of_class) < len(train) / 3
        assert (f"{name} ({len(of_class)})" in text) == few
        assert (name in text.partition("are equal in class")[2]) == equal
    assert ("without contrast" in text) == (max(shades) - min(shades) <= 25.5)
    assert "\n" not in about.sentence()
    json.dumps(about.as_mapping(), allow_nan=False)


@given(pairs=numbers, place=st.integers(0, 1000), split=st.sampled_from(["train", "validation", "test"]))
def test_the_fingerprint_changes_with_any_pixel_or_label(pairs, place, split):
    splits = dict.fromkeys(("train", "validation", "test"), pairs)
    known = report(**splits).fingerprint
    assert report(**splits).fingerprint == known
    shade, label = pairs[place % len(pairs)]
    for other in ((shade + 1, label), (shade, (label + 1) % 3)):
        changed = [*pairs]
        changed[place % len(pairs)] = other
        assert report(**{**splits, split: changed}).fingerprint != known


@pytest.mark.parametrize(
    ("span", "warned"), [((0, 4095), "0 and 4,095 of 0 to 65,535"), ((0, 65_535), ""), ((-5, 9), "of -2,147,483,648")]
)
def test_values_that_use_a_tenth_of_their_type_are_named(span, warned):
    about = report([(0, 0), (255, 1)], [(0, 0)], [(0, 0)], spans={"integer": span})
    assert (warned in " ".join(about.warnings)) if warned else not any("values" in each for each in about.warnings)


def test_a_run_reports_its_data_before_the_first_step(tmp_path: Path):
    for number, name in enumerate(("cat", "dog")):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(30 - 29 * number):
            Image.new("L", (8, 8), 9 * i).save(tmp_path / "pets" / name / f"{i}.png")
        (tmp_path / "pets" / name / "._0.png").write_bytes(b"")
    folder = tmp_path / "run"
    events = run(small_config(f"data.name={tmp_path / 'pets'}", "data.validation=0.1", max_steps=1), folder)
    before = events[: next(i for i, event in enumerate(events) if isinstance(event, StepDone))]
    notes = [event.text for event in before if isinstance(event, Note)]
    loaded = [event.text for event in before if isinstance(event, Loading)]
    assert (
        notes[0].startswith("pets: 25 train, 3 validation, 3 test images of 2 classes (1 to 24 in train); ")
        and "8×8 gray" in notes[0]
    )
    assert notes[0].endswith("; left out: hidden or system files (2)")
    assert any("fewer than a tenth" in note for note in notes[1:])
    assert notes[0] in loaded and f"warning: {notes[1]}" in loaded
    (started,) = (event for event in events if isinstance(event, RunStarted))
    record = Recorder(folder, ["jem-tui"])
    for event in events:
        record(event)
    assert read_run_file(folder).dataset == json.loads(json.dumps(started.dataset))
    assert started.dataset["skipped"] == {"hidden or system files": 2}
    assert sum(started.dataset["counts"]["train"].values()) == 25
