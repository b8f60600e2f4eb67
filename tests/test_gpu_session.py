"""Sessions on a rented GPU: a run in parts that can be continued, within the given time."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import carried_run
import numpy as np
import packed_images
import pytest
import session_training
from timed_session import Session

from jem_tui.config.load import make_config
from jem_tui.events.run import StepDone
from jem_tui.jem.data.datasets import load_data
from jem_tui.run_files import sorted_checkpoints
from jem_tui.stream.runs.run_dir import read_run_file
from tests.cli.in_process import call
from tests.cli.program import TRAIN
from tests.jem.data.test_datasets import write_images
from tests.jem.runs import run, small_config

TOOLS = Path(__file__).parents[1] / "tools"
STEPS_IN_EPOCH = 4
"""Steps of 16 images in an epoch of the images that `write_splits` writes, less those that are held out."""


def test_a_carried_run_has_its_newest_checkpoint_and_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(carried_run, "PART", 20_000)
    settings = ("record.half_precision=true", "record.checkpoint_every=4")
    run(small_config(*settings, max_steps=6), tmp_path / "first")
    (tmp_path / "out").mkdir()
    parts = carried_run.pack(tmp_path / "first", tmp_path / "out")
    assert len(parts) > 1
    assert all(path.stat().st_size <= carried_run.PART for path in parts)
    (tmp_path / "elsewhere").mkdir()
    folder = carried_run.unpack(tmp_path / "out", tmp_path / "elsewhere")
    assert [path.name for path in sorted_checkpoints(folder)] == ["step_000006.pt"]
    events = run(small_config(*settings, max_steps=9), folder, resume=True)
    assert [event.step for event in events if isinstance(event, StepDone)] == [7, 8, 9]


def write_splits(folder: Path, count: int = 40) -> Path:
    """Write class folders of 32×32 images for training and test, and return their folder."""
    for split in packed_images.SPLITS:
        write_images(folder / split, count=count, size=(32, 32))
    return folder


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_packed_images_are_those_of_the_folder(tmp_path: Path, form: str):
    folder = write_splits(tmp_path / "data", count=6)
    source = folder
    if form == "archive":
        source = tmp_path / "data.tar.xz"
        with tarfile.open(source, "w:xz") as archive:
            archive.add(folder, arcname="inside/cifar")
    packed_images.pack(source, tmp_path / "packed.npz")
    config = make_config("fast", None, [f"data.name={packed_images.PLUGIN}", f"data.args.path={tmp_path}/packed.npz"])
    packed = load_data(config.data, 0, lambda text, fraction: None)
    read = load_data(make_config("fast", None, [f"data.name={folder}"]).data, 0, lambda text, fraction: None)
    assert packed.class_names == read.class_names
    for one, other in ((packed.train, read.train), (packed.test, read.test)):
        assert one.labels.tolist() == other.labels.tolist()
        assert np.array_equal(one.images, np.broadcast_to(other.images, one.images.shape))


def test_a_variant_that_has_diverged_is_not_chosen(tmp_path: Path):
    assert call(*TRAIN, "--max-steps", 30, "--run-dir", tmp_path / "run").returncode == 0
    trial = session_training.trial_of(tmp_path / "run")
    assert 0 < trial.accuracy < 1
    assert trial.divergences == 0
    assert trial.speed > 0
    assert replace(trial, accuracy=0.1).rank > replace(trial, accuracy=0.9, divergences=1).rank
    assert replace(trial, accuracy=0.3).rank > replace(trial, accuracy=0.2).rank


def rehearse(tmp_path: Path, out: str, minutes: float, *more: object, skip: Sequence[str] = ()) -> Path:
    """Run a small session on the CPU that trains and, unless it is skipped, evaluates; return its working folder."""
    work = tmp_path / f"{out}-work"
    words = ("--minutes", minutes, "--out", tmp_path / out, "--work", work, "--data", tmp_path / "data", "--small")
    skipped = ("--device", "cpu", "--skip", "checks", "benchmarks", "screen", "peers", *skip, "--evaluation", 15)
    began = time.monotonic()
    command = [sys.executable, TOOLS / "gpu_session.py", *words, *skipped, *more]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    assert time.monotonic() - began < 60 * minutes + 15
    return work


@pytest.mark.slow
def test_epochs_are_planned_by_the_measured_speed(tmp_path: Path):
    packed_images.pack(write_splits(tmp_path / "data"), tmp_path / "packed.npz")
    asked = Namespace(small=True, device="cpu", set=[], images_per_second=0.0, evaluation=15.0, twin=0.0)
    end = time.monotonic() + 300
    session = Session(asked=asked, out=tmp_path, work=tmp_path, end=end, images=lambda: tmp_path / "packed.npz")
    epochs = session_training.affordable_epochs(session, 0.0)
    speed = float(session.log[-1].split("left: ")[1].split(" images/s")[0].replace(",", ""))
    assert epochs > 1
    assert epochs * session_training.images_in_epoch(session) < 300 * (speed + 1)


@pytest.mark.slow
def test_a_rehearsal_on_the_cpu_trains_in_time_and_another_session_continues_it(tmp_path: Path):
    write_splits(tmp_path / "data")
    # at most 20 epochs are planned, which a usual machine trains within seconds
    work = rehearse(tmp_path, "out", 1.5, "--images-per-second", 40, skip=["evaluation"])
    done = read_run_file(work / "run").step
    assert done > 0
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"session.log", "session.tar.gz", "run.tar.gz.00"}
    epochs = done // STEPS_IN_EPOCH + 2
    more = ("--resume", tmp_path / "out", "--epochs", epochs)
    resumed = rehearse(tmp_path, "resumed", 1.5, *more, skip=["evaluation"])
    assert read_run_file(resumed / "run").step > done


@pytest.mark.slow
def test_a_rehearsal_tries_variants_and_trains_the_twin_of_the_best(tmp_path: Path):
    write_splits(tmp_path / "data")
    variants = ("--variant", "", "--variant", "optimizer.clip=1 optimizer.rate=2e-4", "--trial-epochs", 1)
    work = rehearse(tmp_path, "out", 3, "--epochs", 1, "--twin", 40, *variants)
    log = (tmp_path / "out" / "session.log").read_text()
    best = log.split("the recipe is that of the variant ")[1].splitlines()[0]
    jem, twin = (read_run_file(work / name) for name in ("run", "twin"))
    assert jem.step == twin.step == STEPS_IN_EPOCH
    for found in (jem, twin):
        assert (found.config["optimizer"]["rate"] == 2e-4) == ("rate" in best)
    assert twin.config["sgld"]["steps"] == 0
