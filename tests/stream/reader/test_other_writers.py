"""Logs that other programs wrote (`written_by/make.py`): what they logged is what is replayed."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from jem_tui.events.recording import Histogram
from jem_tui.events.run import Event, Note, RunStarted, Samples, StepDone
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.replayer import read_events
from tests.stream.stream_events import timeline_of

FOLDER = Path(__file__).parents[1] / "written_by"
MAKE = runpy.run_path(str(FOLDER / "make.py"))
WRITERS = sorted(set(MAKE["WRITERS"]) - {"keras"})
LEFT_OUT = {
    "lightning": "3 hyperparameter records",
}


def single(number: float) -> float:
    return float(np.float32(number))


def curve(folder: Path, tag: str) -> dict[int, float]:
    return {e.images: e.metrics[tag] for e in read_events(folder) if isinstance(e, StepDone) and tag in e.metrics}


def notes(folder: Path) -> list[str]:
    timeline = timeline_of(folder)
    return [item.text for item in timeline.others if isinstance(item, Note)]


def pictures(folder: Path) -> list[Samples]:
    return [event for event in read_events(folder) if isinstance(event, Samples)]


def test_every_writer_has_its_log_and_they_are_small():
    assert {path.name for path in FOLDER.iterdir() if path.is_dir() and list(path.rglob("*tfevents*"))} == set(
        MAKE["WRITERS"]
    )
    assert sum(path.stat().st_size for path in FOLDER.rglob("*tfevents*")) < 50_000


@pytest.mark.parametrize("writer", WRITERS)
def test_every_value_is_there_at_its_step(writer: str):
    found = read_recording(FOLDER / writer)
    assert found.foreign and not found.damage
    expected = {step: single(MAKE["value"](step)) for step in MAKE["STEPS"]}
    assert curve(FOLDER / writer, "loss/train") == expected


@pytest.mark.parametrize("writer", WRITERS)
def test_pictures_are_there_without_loss(writer: str):
    (shown,) = pictures(FOLDER / writer)
    assert shown.images == 30
    assert np.array_equal(shown.tiles[0], MAKE["PICTURE"])


@pytest.mark.parametrize("writer", [name for name in WRITERS if name != "tensorflow_v1"])
def test_texts_are_notes(writer: str):
    assert "remark: a *remark*" in notes(FOLDER / writer)


@pytest.mark.parametrize("writer", WRITERS)
def test_undisplayed_content_is_counted_and_reported(writer: str):
    expected = LEFT_OUT.get(writer, "")
    assert read_recording(FOLDER / writer).left_out.things() == expected
    left_out = [text for text in notes(FOLDER / writer) if text.startswith("left out")]
    assert left_out == [f"left out: {expected} cannot be displayed here."] * bool(expected)


@pytest.mark.parametrize("writer", WRITERS)
def test_histograms_hold_the_values_that_were_logged(writer: str):
    shown = [event for event in read_events(FOLDER / writer) if isinstance(event, Histogram)]
    assert {(event.tag.rpartition("/")[2], event.images) for event in shown} >= {("weights", 30)}
    assert all_numbers(shown[-1])


def all_numbers(shown: Histogram) -> bool:
    """Compare the bins of a histogram with all logged values."""
    numbers = np.sort(np.asarray(MAKE["NUMBERS"], np.float64))
    counted = np.r_[0, np.cumsum(shown.counts)]
    slack = 1e-6 * np.ptp(numbers)
    low = np.searchsorted(numbers, shown.edges - slack, side="left")
    high = np.searchsorted(numbers, shown.edges + slack, side="right")
    inner = np.s_[1:-1]
    return bool((low[inner] <= counted[inner]).all() and (counted[inner] <= high[inner]).all()) and counted[-1] == len(
        numbers
    )


def test_keras_has_the_curves_of_training_and_validation():
    folder = FOLDER / "keras"
    rows = [line.split() for line in (folder / "history.txt").read_text().splitlines()]
    history = {name: [single(float(value)) for value in values] for name, *values in rows}
    for name in ("loss", "mae"):
        assert curve(folder, f"train/epoch_{name}") == pytest.approx(dict(enumerate(history[name])), rel=1e-6)
        assert curve(folder, f"validation/epoch_{name}") == pytest.approx(dict(enumerate(history[f"val_{name}"])))
    assert curve(folder, "train/epoch_learning_rate") == dict.fromkeys(range(4), single(0.01))
    assert not read_recording(folder).left_out
    shown = [event for event in read_events(folder) if isinstance(event, Histogram)]
    assert len(shown) == 8 and {event.images for event in shown} == {0, 1, 2, 3}


def test_torch_writes_what_is_read(tmp_path: Path):
    writer = pytest.importorskip("torch.utils.tensorboard").SummaryWriter(str(tmp_path))
    for step in MAKE["STEPS"]:
        writer.add_scalar("loss/train", MAKE["value"](step), step)
        writer.add_scalar("new/train", MAKE["value"](step), step, new_style=True)
    writer.add_image("grid", MAKE["PICTURE"], 30, dataformats="HWC")
    writer.add_text("comment", "a *comment*", 30)
    writer.add_histogram("weights", MAKE["NUMBERS"], 30)
    writer.add_pr_curve("pr", np.array([0, 1]), np.array([0.2, 0.7]), 30)
    writer.close()
    expected = {step: single(MAKE["value"](step)) for step in MAKE["STEPS"]}
    assert curve(tmp_path, "loss/train") == curve(tmp_path, "new/train") == expected
    assert np.array_equal(pictures(tmp_path)[0].tiles[0], MAKE["PICTURE"])
    assert "comment: a *comment*" in notes(tmp_path)
    assert read_recording(tmp_path).left_out.things() == "1 PR curve"
    (shown,) = [event for event in read_events(tmp_path) if isinstance(event, Histogram)]
    assert shown.images == 30 and all_numbers(shown)


def newest_of_the_original(folder: Path, *tags: str) -> list[Event]:
    writer = pytest.importorskip("torch.utils.tensorboard").SummaryWriter(str(folder))
    for step in (1, 2):
        for number, tag in enumerate(tags):
            writer.add_scalar(tag, number + step / 4, step)
    writer.add_image("a/picture", MAKE["PICTURE"][:2], 1, dataformats="HWC")
    writer.add_image("mcmc_batch/x_hat", MAKE["PICTURE"], 1, dataformats="HWC")
    writer.close()
    return list(read_events(folder))


def test_the_newest_tags_of_the_original_project_fill_the_same_panels(tmp_path: Path):
    tags = ("loss/total", "loss/xe", "loss/Δnrg", "loss/+nrg", "loss/-nrg", "auxiliary/accuracy")
    emitted = newest_of_the_original(tmp_path, *tags)
    last = [event for event in emitted if isinstance(event, StepDone)][-1]
    energies = {"JEM/energy_data": 3.5, "JEM/energy_samples": 4.5}
    assert last.metrics == {"JEM/total": 0.5, "JEM/xe": 1.5, "JEM/nrg": 2.5, "JEM/accuracy": 5.5, **energies}
    timeline = timeline_of(tmp_path)
    assert len(timeline.pictures) == 2
    (shown,) = [e for e in timeline.emit(0, len(timeline), timeline.pictures[0]) if isinstance(e, Samples)]
    assert np.array_equal(shown.tiles[0], MAKE["PICTURE"])
    assert isinstance(emitted[0], RunStarted)
    assert not read_recording(tmp_path).left_out


def test_older_tags_of_the_original_project_fill_the_panels(tmp_path: Path):
    emitted = newest_of_the_original(tmp_path, "JEM/total", "JEM/Δnrg", "JEM/+nrg", "JEM/-nrg")
    last = [event for event in emitted if isinstance(event, StepDone)][-1]
    assert last.metrics == {"JEM/total": 0.5, "JEM/nrg": 1.5, "JEM/energy_data": 2.5, "JEM/energy_samples": 3.5}


def test_the_total_of_another_project_keeps_its_name(tmp_path: Path):
    emitted = newest_of_the_original(tmp_path, "loss/total", "loss/xe")
    assert {tag for event in emitted if isinstance(event, StepDone) for tag in event.metrics} == {
        "loss/total",
        "loss/xe",
    }
