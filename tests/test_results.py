"""Scripts of `results/`: plots of recordings, resumed runs, and a recorded run of limited size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from jem_tui.config.load import as_mapping, from_mapping
from jem_tui.config.schema import RunConfig
from jem_tui.errors import JemError
from jem_tui.events.run import NRG, TOTAL, XE, Event, Note, RunStarted, Samples, StepDone
from jem_tui.jem.data.datasets import mnist_mini
from jem_tui.jem.data.image_set import to_tensors
from jem_tui.jem.evaluation.online import classification_scores
from jem_tui.jem.saved_run.load_run import open_run
from jem_tui.jem.saved_run.model_file import load_model
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.runs.run_dir import read_run_file
from results import demo, training
from results.drawing import Curves, band, draw_losses, draw_samples, loss_curves, smooth, y_range
from results.make import main
from results.original import draw_pretrain, draw_raw, nearest_samples, phases_of
from tests.cli.program import jem_tui

RESULTS = Path(__file__).parents[1] / "results"
PER_EPOCH, BATCH = 40, 16
CPU = torch.device("cpu")


def recording(steps: int = 120, pretrain_epochs: int = 1) -> Iterator[Event]:
    """Yield the events of a synthetic run with known losses, and grids of tiles whose brightness is their step."""
    config = as_mapping(RunConfig())
    config["train"]["pretrain_epochs"] = pretrain_epochs
    where = {"config": config, "tile_shape": (8, 8, 3), "run_dir": "/home/user/run", "class_names": ("a", "b")}
    counts = {"parameters": 1, "total_steps": steps, "steps_per_epoch": PER_EPOCH, "device": "cpu", "seed": 0}
    yield RunStarted(step=0, images=0, time=0.0, **where, **counts)
    for step in range(1, steps + 1):
        at = {"step": step, "images": step * BATCH, "time": float(step)}
        nrg = float(np.sin(step)) if step > pretrain_epochs * PER_EPOCH else 0.0
        yield StepDone(**at, epoch=(step - 1) // PER_EPOCH, metrics={TOTAL: nrg + 100 / step, NRG: nrg, XE: 100 / step})
        if step % 10 == 1:
            yield grid(at, step)
    yield Note(step=steps, images=0, time=0.0, text="checkpoint saved", kind="checkpoint", path="/home/user/run/x.pt")


def grid(at: dict[str, Any], step: int) -> Samples:
    """Return four chains whose tiles (4, 8, 8, 3) have the brightness `step`."""
    flat = np.zeros(4, np.float32)
    tiles = np.full((4, 8, 8, 3), step, np.uint8)
    return Samples(**at, tiles=tiles, energy=flat, age=flat, predicted=flat, confidence=flat, reseeds=flat)


def test_smoothing_preserves_constants_and_reduces_noise():
    assert smooth(np.full(50, 3.0), 5) == pytest.approx(np.full(50, 3.0))
    noise = np.random.default_rng(0).standard_normal(4000)
    assert smooth(noise, 10).std() == pytest.approx((1 / (2 * np.sqrt(np.pi) * 10)) ** 0.5, rel=0.2)


def test_the_band_holds_the_raw_values_of_the_neighbours():
    raw = np.random.default_rng(0).standard_normal(100)
    low, high = band(raw)
    assert ((low <= raw) & (raw <= high)).all()
    assert (low[50], high[50]) == (raw[48:53].min(), raw[48:53].max())


def test_curves_hold_every_step_and_can_be_truncated():
    curves = loss_curves(list(recording()))
    assert curves.images[-1] == 120 * BATCH
    assert curves.values[TOTAL] == pytest.approx(curves.values[NRG] + curves.values[XE])
    early = curves.until(10 * BATCH)
    assert len(early.images) == 10
    assert (early.values[XE] == curves.values[XE][:10]).all()


def test_the_y_range_excludes_extremes_but_no_smoothed_value():
    values = np.zeros(2000)
    values[700] = 1000.0
    low, high = y_range(Curves(images=np.arange(2000.0), values={XE: values}), 5)
    assert smooth(values, 5).max() < high < 1000
    assert low < 0


def test_losses_are_drawn_in_the_colours_of_the_legend(tmp_path):
    draw_losses(loss_curves(list(recording())), "title", tmp_path / "x.png", 640)
    pixels = np.asarray(Image.open(tmp_path / "x.png").convert("RGB")).reshape(-1, 3)
    for colour in ((0x1B, 0x9E, 0x9E), (0xB0, 0x41, 0x9E), (0xD9, 0x8A, 0x00)):
        assert (pixels == colour).all(1).sum() > 100


def test_sample_grids_keep_their_colours(tmp_path):
    tiles = np.zeros((2, 28, 28, 3), np.uint8)
    tiles[0, ..., 0], tiles[1, ..., 2] = 200, 100
    draw_samples(tiles, "title", tmp_path / "x.png")
    pixels = np.asarray(Image.open(tmp_path / "x.png").convert("RGB"))
    left, right = np.split(pixels[100:], [pixels.shape[1] // 2], axis=1)
    assert (left == (200, 0, 0)).all(2).mean() > 0.5
    assert (right == (0, 0, 100)).all(2).mean() > 0.5


def test_each_of_the_five_plots_shows_its_part_of_a_run(tmp_path):
    events = list(recording())
    phases = phases_of(events)
    assert (phases.pretrain_steps, phases.steps_per_epoch) == (40, 40)
    assert nearest_samples(events, 41).step == 41
    assert nearest_samples(events, 60).step == 61
    draw_pretrain(events, tmp_path)
    draw_raw(list(recording(pretrain_epochs=0)), tmp_path)
    names = ["pretrain-loss", "pretrain-xhat-begin", "pretrain-xhat-half-epoch", "raw-loss", "raw-loss-zoom"]
    assert sorted(path.stem for path in tmp_path.iterdir()) == names
    for name, level in (("begin", 41), ("half-epoch", 61)):
        pixels = np.asarray(Image.open(tmp_path / f"pretrain-xhat-{name}.png").convert("RGB"))
        assert (pixels == level).all(2).mean() > 0.3


def test_the_repository_has_the_five_plots():
    for name in ("pretrain-xhat-begin", "pretrain-xhat-half-epoch", "pretrain-loss", "raw-loss", "raw-loss-zoom"):
        with Image.open(RESULTS / f"{name}.png") as picture:
            assert picture.width > 600


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the list of commands, which are recorded instead of executed."""
    made: list[list[str]] = []

    def record(*words: object, output: Path | None = None) -> None:
        made.append([str(word) for word in words])

    monkeypatch.setattr(training, "jem_tui", record)
    return made


def test_a_finished_run_is_not_trained_again(trained_folder, calls):
    assert training.trained(trained_folder, ["--data", "mnist"]) == trained_folder
    assert calls == []


def test_an_interrupted_run_resumes_and_one_without_checkpoint_restarts(tmp_path, calls):
    for name, file in (("interrupted", "checkpoints/step_000005.pt"), ("without", "run.json")):
        path = tmp_path / name / file
        path.parent.mkdir(parents=True)
        path.write_text("{}")
        with pytest.raises(JemError, match="was stopped"):
            training.trained(tmp_path / name, ["--data", "mnist"])
    assert calls == [
        ["train", "--no-ui", "--resume", str(tmp_path / "interrupted")],
        ["train", "--no-ui", "--data", "mnist", "--run-dir", str(tmp_path / "without")],
    ]
    assert not (tmp_path / "without").exists()


def test_a_failure_is_one_sentence_on_stderr(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(training, "status", lambda run_dir: "stopped")
    monkeypatch.setattr(training, "jem_tui", lambda *words, output=None: None)
    assert main(["--data-dir", str(tmp_path), "--only", "original", "--work", str(tmp_path)]) == 1
    assert "results: The run" in capsys.readouterr().err


def test_a_study_without_the_run_of_the_pictures_is_refused(tmp_path, capsys):
    words = ["--data-dir", str(tmp_path), "--only", "default", "--study", str(tmp_path), "--target", str(tmp_path)]
    assert main(words) == 2
    assert "has no run jem/seed-0/20min" in capsys.readouterr().err
    assert not (tmp_path / "default").exists()


def test_the_thinned_recording_keeps_first_and_last_steps_and_no_paths(monkeypatch):
    monkeypatch.setattr(demo, "STEPS", 30)
    monkeypatch.setattr(demo, "GRIDS", 5)
    monkeypatch.setattr(demo, "TILES", 2)
    kept = list(demo.thinned(list(recording())))
    steps = [event.step for event in kept if isinstance(event, StepDone)]
    assert (steps[0], steps[-1]) == (1, 120)
    assert 25 <= len(steps) <= 30
    assert steps[9] < 40
    grids = [event for event in kept if isinstance(event, Samples)]
    assert len(grids) == 5
    assert all(len(event.tiles) == len(event.energy) == len(event.age) == 2 for event in grids)
    assert isinstance(kept[0], RunStarted)
    assert "/home/user" not in repr(kept)


@pytest.fixture(scope="module")
def small(trained_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a demo made of the trained run."""
    target = tmp_path_factory.mktemp("small") / "demo"
    demo.make_demo(trained_folder, target)
    return target


def test_a_demo_has_the_last_step_of_its_run_and_no_paths(small, trained_folder):
    original = [event for event in read_events(trained_folder) if isinstance(event, StepDone)]
    copied = [event for event in read_events(small) if isinstance(event, StepDone)]
    assert copied[-1] == original[-1]
    for path in small.iterdir():
        assert str(trained_folder.parent).encode() not in path.read_bytes()
    assert "--run-dir" not in json.loads((small / "run.json").read_text())["argv"]


def test_a_demo_has_the_accuracy_of_its_run(small, trained_folder):
    scores = [accuracy_of(folder) for folder in (small, trained_folder)]
    assert scores[0] == scores[1]


def accuracy_of(folder: Path) -> float:
    """Return the test accuracy of a run or a demo."""
    from jem_tui.cli.run_inputs import opened_settings

    config, _ = opened_settings(folder)
    opened = open_run(
        replace(config, train=replace(config.train, threads=1)), folder, "cpu", lambda text, fraction: None
    )
    return classification_scores(opened.network, *to_tensors(opened.data.test, opened.device))["accuracy"]


def test_a_demo_that_is_too_large_is_refused(trained_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "MOST_BYTES", 10_000)
    with pytest.raises(JemError, match="The limit is 10,000"):
        demo.make_demo(trained_folder, tmp_path / "demo")


@pytest.mark.parametrize("which", ["small", "repository"])
def test_a_demo_is_small_and_replays(which, small):
    folder = small if which == "small" else RESULTS / "demo"
    if not folder.exists():
        pytest.skip("results/demo has not been made yet")
    assert demo.size(folder) <= demo.MOST_BYTES
    assert (folder / "model.npz").exists()
    done = jem_tui("replay", "--once", folder)
    assert done.returncode == 0, done.stderr
    for tag in (TOTAL, NRG, XE):
        assert tag in done.stdout
    assert "JEM/x_hat" in done.stdout


def test_the_demo_in_the_repository_classifies_test_digits():
    folder = RESULTS / "demo"
    if not folder.exists():
        pytest.skip("results/demo has not been made yet")
    config = from_mapping(read_run_file(folder).config, "run.json")
    model = load_model(folder / "model.npz", config.network, (1, 28, 28), 10, CPU)
    scores = classification_scores(model.network, *to_tensors(mnist_mini().test, CPU))
    assert scores["accuracy"] > 0.95
