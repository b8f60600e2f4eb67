"""A resumed run whose images were moved: its new folder is recorded, and other images are refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from jem_tui.cli.application import app
from jem_tui.cli.run_inputs import with_moved_data
from jem_tui.config.load import make_config
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.events.run import Event, Note, RunStarted
from jem_tui.jem.data.data_report import DataReport
from jem_tui.jem.data.image_set import DataSet, ImageSet
from jem_tui.jem.data.same_data import refuse_other_data
from jem_tui.stream.drive import drive
from jem_tui.stream.runs.run_dir import read_run_file, write_run_file
from jem_tui.stream.writer.recorder import Recorder
from tests.jem.runs import small_config

ABOUT = DataReport(
    name="pets",
    counts={"train": {"cat": 5, "dog": 4}, "validation": {"cat": 1, "dog": 1}, "test": {"cat": 1, "dog": 1}},
    width=8,
    height=6,
    channels=1,
    pixels=(0, 255),
    spans={},
    duplicates={},
    skipped={},
    warnings=(),
    fingerprint="f",
)

DOTS = ImageSet(images=np.zeros((2, 6, 8, 1), np.uint8), labels=np.arange(2))
PETS = DataSet(name="pets", class_names=("cat", "dog"), train=DOTS, test=DOTS)


def write_classes(folder: Path, shade: int = 0, count: int = 20, classes: Sequence[str] = ("cat", "dog")) -> Path:
    """Write `count` gray images for each class below `folder`; return the folder."""
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            Image.new("L", (8, 8), shade + 6 * i + number).save(folder / name / f"{i:02}.png")
    return folder


def config_of(folder: Path, steps: int) -> RunConfig:
    """Return settings of a small run on the images of `folder`."""
    return small_config(f"data.name={folder}", max_steps=steps)


def train(config: RunConfig, run_dir: Path, resume: bool) -> list[Any]:
    """Train and record a run as the command line does; return its events."""
    from jem_tui.cli.train import trainer_opener

    events: list[Event] = []
    record = Recorder(run_dir, ["jem-tui"])

    def sink(event: Event) -> None:
        events.append(event)
        record(event)

    drive(trainer_opener(config, run_dir, resume), sink, SimpleQueue())
    return events


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    train(config_of(write_classes(tmp_path / "old"), 2), tmp_path / "run", False)
    return tmp_path / "run"


def notes(events: list[Event]) -> str:
    """Return the texts of all notes."""
    return " / ".join(event.text for event in events if isinstance(event, Note))


def test_a_run_resumes_on_moved_images_and_records_their_folder(run_dir, tmp_path):
    (tmp_path / "old").rename(tmp_path / "new")
    before = read_run_file(run_dir).dataset
    events = train(config_of(tmp_path / "new", 4), run_dir, True)
    assert events[-1].reason == "finished" and events[-1].step == 4
    assert "the images are not" not in notes(events)
    after = read_run_file(run_dir)
    assert after.config["data"]["name"] == str(tmp_path / "new")
    assert after.dataset["fingerprint"] == before["fingerprint"]


def test_other_images_of_equal_number_cause_a_note(run_dir, tmp_path):
    shutil.rmtree(tmp_path / "old")
    events = train(config_of(write_classes(tmp_path / "new", shade=100), 4), run_dir, True)
    assert events[-1].reason == "finished"
    assert "the images differ from the images that the run started with" in notes(events)


@pytest.mark.parametrize(
    ("others", "sentence"),
    [({"count": 15}, "training images, but there are"), ({"classes": ("cat", "fox")}, "has cat, fox")],
)
def test_other_data_is_refused(others, sentence, run_dir, tmp_path):
    events = train(config_of(write_classes(tmp_path / "new", **others), 4), run_dir, True)
    assert events[-1].reason == "refused" and sentence in events[-1].error
    assert not any(isinstance(event, RunStarted) for event in events)
    assert train(config_of(tmp_path / "old", 4), run_dir, True)[-1].reason == "finished"


def test_a_run_file_without_figures_of_the_data_is_resumed_unchecked(run_dir, tmp_path):
    write_run_file(run_dir, replace(read_run_file(run_dir), dataset={}))
    events = train(config_of(write_classes(tmp_path / "new", classes=("cat", "fox")), 4), run_dir, True)
    assert events[-1].reason == "finished"


@pytest.mark.parametrize(
    "damaged", [{}, {"counts": 3}, {"counts": {"train": [1]}}, {"counts": {}}, {"fingerprint": 1}, {"width": "x"}]
)
def test_a_damaged_data_report_refuses_no_data(damaged):
    assert refuse_other_data(damaged, PETS, ABOUT) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"width": 9}, "started with 9×6 gray images, but the data has 8×6 gray images"),
        ({"channels": 3}, "8×6 colour images, but the data has 8×6 gray images"),
        ({"counts": {"train": {"dog": 4, "cat": 5}}}, "started with the classes dog, cat, but the data has cat, dog"),
        ({"counts": {"train": {"cat": 1, "dog": 4}}}, "started with 5 training images, but there are 9 now"),
    ],
)
def test_data_that_the_run_cannot_continue_with_is_refused(change, sentence):
    known = json.loads(json.dumps(ABOUT.as_mapping()))
    assert refuse_other_data(known, PETS, ABOUT) == []
    with pytest.raises(InputError, match=sentence):
        refuse_other_data(known | change, PETS, ABOUT)


def test_a_moved_folder_is_given_by_data_or_by_data_dir(tmp_path, monkeypatch):
    new = write_classes(tmp_path / "cifar10")
    monkeypatch.chdir(tmp_path)
    config = make_config("", None, [f"data.name={tmp_path / 'old'}"])
    for data, data_dir in (("", "cifar10"), ("./cifar10", ""), (str(tmp_path / "old"), str(new))):
        assert with_moved_data(config, data, data_dir).data.name == str(new)
    assert with_moved_data(config, str(tmp_path / "old"), "") == config
    with pytest.raises(InputError, match="Leave out --data"):
        with_moved_data(config, "./cifar10", "cifar10")
    with pytest.raises(InputError, match="There is no folder elsewhere"):
        with_moved_data(config, "", "elsewhere")


def test_a_collection_may_be_moved_but_not_replaced():
    config = make_config("", None, ["data.name=kmnist"])
    assert with_moved_data(config, "kmnist", "/disk").data.dir == "/disk"
    with pytest.raises(InputError, match=r"data\.name cannot change when a run is resumed: it is kmnist"):
        with_moved_data(config, "mnist", "")


@pytest.mark.parametrize("command", ["eval", "sample"])
def test_a_run_is_not_evaluated_on_other_classes(command, run_dir, tmp_path):
    others = write_classes(tmp_path / "new", classes=("cat", "fox"))
    program = CliRunner()
    asked = [command, str(run_dir), "--data-dir", str(others), "--device", "cpu"]
    found = program.invoke(app, asked)
    assert isinstance(found.exception, InputError)
    assert "The run started with the classes cat, dog, but the data has cat, fox." in str(found.exception)
