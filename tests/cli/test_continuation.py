"""`train --continue`: one command line that begins a run, resumes it after every end, and stops once nothing is left to do."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from jem_tui.cli.continuation import is_prolonged, prolongs, training_images
from jem_tui.config.schema import TrainConfig
from jem_tui.run_files import sorted_checkpoints
from jem_tui.stream.runs.run_dir import Status, read_run_file, write_run_file
from tests.cli.in_process import call, refused_here
from tests.cli.program import SMALL, setting_words

WORDS = ("train", "--no-ui", "--seed", "1", "--device", "cpu", *setting_words(*SMALL, "record.checkpoint_every=5"))


def continued(run_dir: Path, steps: int, *words: str) -> tuple[int, str]:
    """Return the exit code and stderr of the command line that continues a run up to `steps`."""
    done = call(*WORDS, "--max-steps", steps, "--run-dir", run_dir, "--continue", *words)
    return done.returncode, done.stderr


def set_status(run_dir: Path, status: Status) -> None:
    write_run_file(run_dir, replace(read_run_file(run_dir), status=status))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of 6 steps, with checkpoints at 5 and 6."""
    run_dir = tmp_path_factory.mktemp("continued") / "run"
    code, err = continued(run_dir, 6)
    assert code == 0, err
    assert read_run_file(run_dir).status == "finished"
    return run_dir


@pytest.fixture
def run_dir(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def test_a_finished_run_ends_at_once(run_dir: Path):
    assert continued(run_dir, 6) == (0, f"jem-tui: The run in {run_dir} has finished at step 6.\n")


def test_a_finished_run_resumes_with_more_steps(run_dir: Path):
    code, err = continued(run_dir, 8)
    assert (code, read_run_file(run_dir).step) == (0, 8), err


def test_a_run_that_its_time_has_ended_is_finished_at_any_step_limit(tmp_path: Path):
    timed = ("--minutes", 0.005)
    assert continued(tmp_path, 100_000, *timed)[0] == 0
    step = read_run_file(tmp_path).step
    ended = (0, f"jem-tui: The run in {tmp_path} has finished at step {step}.\n")
    assert continued(tmp_path, 100_000, *timed) == ended
    code, err = continued(tmp_path, step + 1, "--minutes", 100)
    assert (code, read_run_file(tmp_path).step) == (0, step + 1), err


@pytest.mark.parametrize(
    ("then", "now", "longer"),
    [
        ({"epochs": 2}, {"epochs": 3}, True),
        ({"epochs": 2}, {"epochs": 2, "minutes": 5}, False),
        ({"epochs": 2}, {"epochs": 2, "max_steps": 10_000}, False),
        ({"epochs": 2}, {"epochs": 0, "minutes": 5}, True),
        ({"epochs": 0, "minutes": 5}, {"epochs": 3, "minutes": 5}, False),
        ({"epochs": 0, "minutes": 5}, {"epochs": 3, "minutes": 0}, True),
        ({"epochs": 2, "max_steps": 6}, {"epochs": 2, "max_steps": 0}, False),
        ({"epochs": 2, "max_steps": 6}, {"epochs": 2, "max_steps": 7}, True),
    ],
)
def test_a_raised_bound_prolongs_a_finished_run(then: dict[str, int], now: dict[str, int], longer: bool):
    assert prolongs(TrainConfig(**now), TrainConfig(**then)) == longer


@pytest.mark.parametrize(
    ("then", "now", "prolonged"),
    [
        ({"minutes": 1.0, "epochs": 0}, {"minutes": 1.0, "epochs": 9}, False),
        ({"minutes": 1.0, "epochs": 0}, {"minutes": 1.0, "max_steps": 900, "epochs": 0}, False),
        ({"minutes": 1.0, "epochs": 0}, {"minutes": 2.0, "epochs": 0}, True),
        ({"minutes": 1.0, "epochs": 0}, {"minutes": 0.0, "epochs": 9}, True),
        ({"minutes": 1.0, "epochs": 9}, {"minutes": 1.0, "epochs": 10}, False),
        ({"minutes": 1.0, "epochs": 2}, {"minutes": 1.0, "epochs": 3}, True),
        ({"minutes": 1.0, "epochs": 2}, {"minutes": 2.0, "epochs": 2}, False),
        ({"epochs": 2}, {"epochs": 2, "max_steps": 900}, False),
        ({"epochs": 9, "max_steps": 200}, {"epochs": 9, "max_steps": 0}, False),
    ],
)
def test_a_finished_run_is_prolonged_only_where_a_step_is_left(
    run_dir: Path, then: dict[str, float], now: dict[str, float], prolonged: bool
):
    """The run has finished at step 200, and an epoch has 100 steps."""
    bounds = [TrainConfig(batch_size=16, **fields) for fields in (then, now)]  # type: ignore[arg-type]
    run = replace(read_run_file(run_dir), step=200, dataset={"counts": {"train": {"0": 1000, "1": 600}}})
    assert is_prolonged(run, *bounds) == prolonged


@pytest.mark.parametrize(
    "dataset", [{}, {"counts": []}, {"counts": {"train": 5}}, {"counts": {"train": {"0": "a", "1": None}}}]
)
def test_the_images_of_an_unusable_report_are_unknown(dataset: dict[str, object]):
    assert training_images(dataset) == 0


def test_a_run_whose_time_is_up_ends_at_once_with_more_epochs(tmp_path: Path):
    words = (*WORDS, "--minutes", "0.001", "--run-dir", tmp_path / "run", "--continue")
    assert call(*words).returncode == 0
    step = read_run_file(tmp_path / "run").step
    done = call(*words, "-s", "train.epochs=60")
    assert (done.returncode, done.stderr) == (
        0,
        f"jem-tui: The run in {tmp_path / 'run'} has finished at step {step}.\n",
    )


def test_a_diverged_run_ends_at_once_with_its_exit_code(run_dir: Path):
    set_status(run_dir, "diverged")
    code, err = continued(run_dir, 6)
    assert code == 3
    assert err.count("\n") == 1 and "has diverged at step 6" in err and f"--resume {run_dir}" in err


@pytest.mark.parametrize("status", ["running", "stopped", "interrupted", "failed"])
def test_a_run_that_ended_early_resumes(run_dir: Path, status: Status):
    sorted_checkpoints(run_dir)[-1].unlink()
    set_status(run_dir, status)
    code, err = continued(run_dir, 6)
    assert (code, read_run_file(run_dir).status) == (0, "finished"), err


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_again(run_dir: Path):
    shutil.rmtree(run_dir / "checkpoints")
    set_status(run_dir, "running")
    code, err = continued(run_dir, 6)
    assert (code, read_run_file(run_dir).status) == (0, "finished"), err


def test_a_folder_in_which_no_run_has_begun_is_used(tmp_path: Path):
    for name in (".lock", ".writer"):
        (tmp_path / name).touch()
    code, err = continued(tmp_path, 2)
    assert (code, read_run_file(tmp_path).step) == (0, 2), err


def test_other_settings_are_refused(run_dir: Path):
    code, err = continued(run_dir, 6, "-s", "network.width=5")
    assert code == 2
    assert "network.width cannot change" in err


def test_relative_paths_may_be_repeated(tmp_path: Path):
    """A run records full paths, and its command line is repeated from the same folder."""
    settings = tmp_path / "settings.toml"
    settings.write_text('[data]\ndir = "downloads"\n')
    (tmp_path / "downloads").mkdir()
    words = (*WORDS, "--max-steps", 2, "--run-dir", "run", "--config", "settings.toml", "--continue")
    assert call(*words, cwd=tmp_path).returncode == 0
    set_status(tmp_path / "run", "interrupted")
    done = call(*words, "--max-steps", 3, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_option_needs_a_folder_and_excludes_resume(tmp_path: Path):
    assert "--continue needs the folder of its run. Add --run-dir DIR." in refused_here("train", "--continue")
    words = ("train", "--continue", "--run-dir", tmp_path, "--resume", tmp_path)
    assert "--continue and --resume exclude each other" in refused_here(*words)
