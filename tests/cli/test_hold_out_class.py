"""`train --hold-out-class`: a run without a class, resumed, sampled, exported and evaluated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.in_process import call
from tests.cli.program import TRAIN


@pytest.fixture(scope="module")
def nine_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "nine"
    done = call(*TRAIN, "--max-steps", 3, "--hold-out-class", 9, "--run-dir", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_run_records_the_remaining_classes_and_the_setting(nine_digits):
    recorded = json.loads((nine_digits / "run.json").read_text())
    assert recorded["config"]["data"]["hold_out"] == "9"
    assert list(recorded["dataset"]["counts"]["train"]) == list("012345678")
    assert "class 9" in recorded["dataset"]["skipped"]


def test_the_held_out_class_is_a_near_set_of_the_evaluation(nine_digits):
    done = call("eval", nine_digits, "--device", "cpu", "--quick", "--json", "--only", "classification,ood")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["evaluation"]
    groups = {one["name"]: (one["group"], one["images"]) for one in found["ood"]["sets"]}
    assert groups["held-out 9"] == ("near", 200)
    assert found["classification"]["images"] == 1800


def test_a_class_of_samples_is_named_and_the_held_out_class_is_unknown(nine_digits, tmp_path):
    words = ("--device", "cpu", "--count", 2, "--steps", 1, "--out", tmp_path / "samples.png")
    assert call("sample", nine_digits, *words, "--class", 8).returncode == 0
    done = call("sample", nine_digits, *words, "--class", 9)
    assert done.returncode == 2
    assert "There is no class '9'" in done.stderr


def test_a_resumed_run_keeps_its_classes(nine_digits):
    done = call("train", "--no-ui", "--resume", nine_digits, "--hold-out-class", 8)
    assert done.returncode == 2
    assert "data.hold_out cannot change when a run is resumed: it is '9'" in done.stderr
    done = call("train", "--no-ui", "--resume", nine_digits, "--max-steps", 5, "--hold-out-class", 9)
    assert done.returncode == 0, done.stderr
    assert json.loads((nine_digits / "run.json").read_text())["step"] == 5


def test_runs_without_the_same_classes_are_not_compared(nine_digits, trained_folder):
    done = call("eval", nine_digits, "--device", "cpu", "--quick", "--against", trained_folder)
    assert done.returncode == 2
    assert "was trained on other classes than" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--hold-out-class", "ten"], "There is no class ten"),
        (
            [word for digit in range(9) for word in ("--hold-out-class", str(digit))],
            "Holding out 9 of 10 classes leaves only one to train on",
        ),
    ],
)
def test_impossible_classes_are_refused_before_training(tmp_path, words, sentence):
    done = call(*TRAIN, "--max-steps", 3, *words, "--run-dir", tmp_path / "run")
    assert done.returncode == 2
    assert sentence in done.stderr.replace("'", "")
    assert "Traceback" not in done.stderr
