"""A sampler, an initial distribution and a metric of the user, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.in_process import call
from tests.jem.runs import SMALL

CODE = """
def paint(task, value=0.0):
    print("painting")
    for _ in range(task.steps):
        yield task.x * 0 + value

def gray(draw):
    return draw.uniform() * 0

def brightness(step):
    print("measuring")
    return {"before": step.starts.mean(), "after": step.chains.mean()}
"""
SAMPLER, INIT = ("-s", "sgld.sampler=painter:paint"), ("-s", "buffer.init=painter:gray")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    (folder / "painter.py").write_text(CODE)
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path) -> str:
    words = [word for setting in SMALL for word in ("-s", setting)]
    own = ("--sampler", "painter:paint", "-s", "sgld.args.value=0.5", "--init", "painter:gray")
    metric = ("--metric", "painter:brightness", "--metric", "painter:paint")
    done = call("train", "--json", "--run-dir", "run", "--max-steps", 3, *words, *own, *metric, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "painting" in done.stderr and "measuring" in done.stderr
    return done.stdout


def test_prints_of_own_code_stay_out_of_the_lines_of_events(trained: str):
    events = [json.loads(line) for line in trained.splitlines()]
    steps = [event["metrics"] for event in events if event["event"] == "StepDone"]
    assert [step["metric/brightness/after"] for step in steps] == [0.5] * 3
    # Two of the 16 chains are explorers, which start from noise.
    assert abs(steps[0]["metric/brightness/before"]) < 0.01
    (started,) = [event for event in events if event["event"] == "RunStarted"]
    assert started["config"]["sgld"]["args"] == {"value": 0.5}
    (fault,) = [event["text"] for event in events if event["event"] == "Note" and event["kind"] == "warning"]
    assert fault.startswith("the metric painter:paint returned <generator object")


def test_samples_come_from_the_sampler_and_the_initial_distribution_of_the_run(folder: Path, trained: str):
    done = call("sample", "run", "--count", 4, "--steps", 2, *SAMPLER, *INIT, "--out", "moved.png", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "painting" in done.stderr and len(done.stdout.splitlines()) == 1
    assert np.median(np.asarray(Image.open(folder / "moved.png"))) == 191
    call("sample", "run", "--count", 4, "--steps", 0, *SAMPLER, *INIT, "--out", "start.png", cwd=folder)
    assert np.median(np.asarray(Image.open(folder / "start.png"))) in (127, 128)


@pytest.mark.slow
def test_an_evaluation_uses_the_sampler_of_the_run(folder: Path, trained: str):
    only = ("--only", "samples,robustness", "--quick", "--refine", 1, "--json")
    done = call("eval", "run", *only, *SAMPLER, *INIT, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) and "painting" in done.stderr
