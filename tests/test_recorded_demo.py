"""The recorded run of limited size in `results/demo`, and how it is made."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from jem_tui.config.load import from_mapping
from jem_tui.errors import JemError
from jem_tui.events.run import NRG, TOTAL, XE, RunStarted, Samples, StepDone
from jem_tui.jem.data.datasets import mnist_mini
from jem_tui.jem.data.image_set import to_tensors
from jem_tui.jem.evaluation.online import classification_scores
from jem_tui.jem.saved_run.load_run import open_run
from jem_tui.jem.saved_run.model_file import load_model
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.runs.run_dir import read_run_file
from results import demo
from tests.cli.program import jem_tui
from tests.synthetic_recording import recording

RESULTS = Path(__file__).parents[1] / "results"
CPU = torch.device("cpu")


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


def test_the_thinned_recording_keeps_every_step_with_a_rare_metric(monkeypatch):
    monkeypatch.setattr(demo, "STEPS", 10)
    events = [
        replace(event, metrics={**event.metrics, "sgld/rhat": 1.0})
        if isinstance(event, StepDone) and event.step % 20 == 7
        else event
        for event in recording()
    ]
    kept = {event.step for event in demo.thinned(events) if isinstance(event, StepDone)}
    assert kept >= {7, 27, 47, 67, 87, 107}
    assert len(kept) <= 16


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
