"""Scripts of `results/`: plots of recordings, and resumed runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from jem_tui.errors import JemError
from jem_tui.events.run import NRG, TOTAL, XE
from results import training
from results.drawing import Curves, band, draw_losses, draw_samples, loss_curves, smooth, y_range
from results.make import main
from results.original import draw_pretrain, draw_raw, nearest_samples, phases_of
from tests.synthetic_recording import BATCH, recording

RESULTS = Path(__file__).parents[1] / "results"
CPU = torch.device("cpu")


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
