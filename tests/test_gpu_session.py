"""Sessions on a rented GPU: a run in parts that can be continued, within the given time."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import carried_run
import pytest
import torch

from jem_tui.events.run import StepDone
from jem_tui.jem.checkpoint.checkpoint import load_newest_checkpoint
from jem_tui.stream.runs.run_dir import read_run_file
from tests.jem.data.test_datasets import write_images
from tests.jem.runs import run, small_config

TOOLS = Path(__file__).parents[1] / "tools"


def test_a_carried_run_is_halved_and_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(carried_run, "PART", 20_000)
    run(small_config(max_steps=6), tmp_path / "first")
    (tmp_path / "out").mkdir()
    parts = carried_run.pack(tmp_path / "first", tmp_path / "out")
    assert len(parts) > 1
    assert all(path.stat().st_size <= carried_run.PART for path in parts)
    (tmp_path / "elsewhere").mkdir()
    folder = carried_run.unpack(tmp_path / "out", tmp_path / "elsewhere")
    whole, half = (load_newest_checkpoint(at, torch.device("cpu"))[0]["learner"] for at in (tmp_path / "first", folder))
    chains, halved = (state["population"]["buffer"]["x"] for state in (whole, half))
    assert halved.dtype == torch.float16
    torch.testing.assert_close(halved.float(), chains, atol=5e-4, rtol=0)
    for name, value in whole["network"].items():
        assert torch.equal(half["network"][name], value)
    events = run(small_config(max_steps=9), folder, resume=True)
    assert [event.step for event in events if isinstance(event, StepDone)] == [7, 8, 9]


@pytest.mark.slow
@pytest.mark.parametrize(("length", "runs"), [((), ["run"]), (("--epochs", 1), ["run", "twin"])])
def test_a_rehearsal_on_the_cpu_trains_within_the_given_time(
    tmp_path: Path, length: tuple[object, ...], runs: list[str]
):
    for split in ("train", "test"):
        write_images(tmp_path / "data" / split, count=40, size=(32, 32))
    minutes = 0.9
    began = time.monotonic()
    words = ("--minutes", minutes, "--out", tmp_path / "out", "--work", tmp_path / "work", "--data", tmp_path / "data")
    words = (*words, "--device", "cpu", "--small", "--skip", "checks", "benchmarks", "--evaluation", 10, *length)
    subprocess.run([sys.executable, TOOLS / "gpu_session.py", *map(str, words)], check=True, capture_output=True)
    assert time.monotonic() - began < 60 * minutes + 15
    assert all(read_run_file(tmp_path / "work" / name).step > 0 for name in runs)
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"session.log", "session.tar.gz", "run.tar.gz.00"}
