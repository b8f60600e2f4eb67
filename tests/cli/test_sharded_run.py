"""Commands on a run whose checkpoint several ranks have written: each command gives what it gives for the file of one process."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import jem_tui
from jem_tui.run_files import sorted_checkpoints
from tests.cli.in_process import call
from tests.jem.checkpoint.sharded import reshard

QUICK = ("--count", 6, "--steps", 5, "--device", "cpu")


@pytest.fixture(scope="module")
def sharded_folder(trained_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the trained run with its checkpoint written by two ranks."""
    folder = tmp_path_factory.mktemp("sharded") / "run"
    shutil.copytree(trained_folder, folder)
    reshard(folder, 2)
    assert [path.name for path in sorted_checkpoints(folder)] == ["step_000260"]
    return folder


def test_sample_draws_the_same_chains(trained_folder: Path, sharded_folder: Path, tmp_path: Path):
    outputs = []
    for name, folder in (("one", trained_folder), ("two", sharded_folder)):
        done = call("sample", folder, *QUICK, "--out", f"{name}.png", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        outputs.append((tmp_path / f"{name}.png").read_bytes())
    assert outputs[0] == outputs[1]


def test_eval_prints_the_same_scores(trained_folder: Path, sharded_folder: Path):
    scores = []
    for folder in (trained_folder, sharded_folder):
        done = call("eval", folder, "--json", "--quick", "--only", "classification", "--device", "cpu")
        assert (done.returncode, done.stderr) == (0, "")
        scores.append(json.loads(done.stdout)["evaluation"])
    assert scores[0] == scores[1]


def test_the_opened_run_lists_the_folder(sharded_folder: Path):
    (checkpoint,) = jem_tui.open_run(sharded_folder).checkpoints
    assert (checkpoint.step, checkpoint.path.name) == (260, "step_000260")
    done = call("runs", sharded_folder.parent)
    assert done.returncode == 0 and done.stdout.count("finished") == 1


def test_one_process_resumes_the_run_of_two_ranks_and_writes_a_file(sharded_folder: Path, tmp_path: Path):
    folder = tmp_path / "run"
    shutil.copytree(sharded_folder, folder)
    done = call("train", "--no-ui", "--resume", folder, "--max-steps", 262)
    assert done.returncode == 0, done.stderr
    assert "checkpoint checkpoints/step_000262.pt" in done.stderr
    assert [path.name for path in sorted_checkpoints(folder)] == ["step_000260", "step_000262.pt"]


def test_a_damaged_folder_is_named_and_the_file_before_it_used(
    trained_folder: Path, sharded_folder: Path, tmp_path: Path
):
    folder = tmp_path / "run"
    shutil.copytree(sharded_folder, folder)
    (newest,) = sorted_checkpoints(folder)
    shutil.copy(sorted_checkpoints(trained_folder)[-1], newest.with_name("step_000100.pt"))
    (newest / "checkpoint.json").write_bytes(b"{}")
    done = call("sample", folder, *QUICK, cwd=tmp_path)
    assert done.returncode == 0
    assert "step_000260 (checkpoint.json is damaged) cannot be read; step_000100.pt is used instead" in done.stderr
