"""Sessions on a rented GPU: a run in parts that can be continued, within the given time."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import time
from pathlib import Path

import carried_run
import numpy as np
import packed_images
import pytest

from jem_tui.config.load import make_config
from jem_tui.events.run import StepDone
from jem_tui.jem.data.datasets import load_data
from jem_tui.run_files import sorted_checkpoints
from jem_tui.stream.runs.run_dir import read_run_file
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


def rehearse(tmp_path: Path, out: str, minutes: float, *more: object) -> Path:
    """Run a small session on the CPU that trains and evaluates; return its working folder."""
    work = tmp_path / f"{out}-work"
    words = ("--minutes", minutes, "--out", tmp_path / out, "--work", work, "--data", tmp_path / "data", "--small")
    skipped = ("--device", "cpu", "--skip", "checks", "benchmarks", "screen", "peers", "--evaluation", 15)
    began = time.monotonic()
    command = [sys.executable, TOOLS / "gpu_session.py", *words, *skipped, *more]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    assert time.monotonic() - began < 60 * minutes + 15
    return work


@pytest.mark.slow
def test_a_rehearsal_on_the_cpu_trains_in_time_and_another_session_continues_it(tmp_path: Path):
    write_splits(tmp_path / "data")
    work = rehearse(tmp_path, "out", 1.5)
    done = read_run_file(work / "run").step
    assert done > 0
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"session.log", "session.tar.gz", "run.tar.gz.00"}
    epochs = done // STEPS_IN_EPOCH + 2
    resumed = rehearse(tmp_path, "resumed", 1.5, "--resume", tmp_path / "out", "--epochs", epochs)
    assert read_run_file(resumed / "run").step > done


@pytest.mark.slow
def test_a_rehearsal_of_given_length_trains_the_twin_too(tmp_path: Path):
    write_splits(tmp_path / "data")
    work = rehearse(tmp_path, "out", 2.5, "--epochs", 1)
    assert all(read_run_file(work / name).step > 0 for name in ("run", "twin"))
    with tarfile.open(tmp_path / "out" / "session.tar.gz") as archive:
        assert {"results/model/eval.json", "results/twin/eval.json"} <= set(archive.getnames())
