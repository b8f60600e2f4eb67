"""The commands that follow a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jem_tui.config.load import as_mapping
from jem_tui.config.schema import NetworkConfig, RunConfig, TrainConfig
from jem_tui.run_files import checkpoint_path
from jem_tui.stream.runs.next_commands import next_commands
from jem_tui.stream.runs.run_dir import Status, write_run_file
from jem_tui.watched_settings import as_watched
from tests.stream.runs.unfinished_run import RUN


def lines_after(
    folder: Path, config: RunConfig, status: Status = "finished", step: int = 100, saved: bool = True
) -> list[str]:
    """Return the commands after a run with these settings, without the name of the program."""
    folder.mkdir(exist_ok=True)
    write_run_file(folder, replace(RUN, config=as_mapping(config), status=status, step=step))
    if saved:
        checkpoint_path(folder, step).parent.mkdir(exist_ok=True)
        checkpoint_path(folder, step).touch()
    return [command.line.removeprefix("jem-tui ") for command in next_commands(folder)]


def test_a_finished_run_is_evaluated_sampled_replayed_and_trained_longer(tmp_path):
    run = tmp_path / "my run"
    quoted = f"'{run}'"
    assert lines_after(run, RunConfig()) == [
        f"eval {quoted} --quick",
        f"eval {quoted}",
        f"sample {quoted}",
        f"replay {quoted}",
        f"train --resume {quoted} -s train.epochs=40",
    ]


@pytest.mark.parametrize(
    ("train", "options"),
    [
        (TrainConfig(max_steps=100), "--max-steps 200"),
        (TrainConfig(max_steps=500, epochs=3), "-s train.epochs=6"),
        (TrainConfig(epochs=0, minutes=1.5), "--minutes 3"),
    ],
)
def test_the_bound_that_ended_a_run_is_doubled(tmp_path, train, options):
    assert lines_after(tmp_path, RunConfig(train=train))[-1] == f"train --resume {tmp_path} {options}"


def test_a_stopped_run_continues_and_a_diverged_one_at_half_the_rate(tmp_path):
    assert lines_after(tmp_path, RunConfig(), "stopped")[-1] == f"train --resume {tmp_path}"
    rate = RunConfig().optimizer.rate / 2
    assert lines_after(tmp_path, RunConfig(), "diverged")[-1] == f"train --resume {tmp_path} -s optimizer.rate={rate:g}"


def test_code_of_the_user_is_repeated(tmp_path):
    config = RunConfig(network=NetworkConfig(name="nets:Mine"))
    assert lines_after(tmp_path, config)[0] == f"eval {tmp_path} --quick --network nets:Mine"


def test_a_run_without_a_model_is_only_replayed(tmp_path):
    assert lines_after(tmp_path, RunConfig(), saved=False) == [f"replay {tmp_path}"]


def test_a_watched_run_is_only_replayed(tmp_path):
    write_run_file(tmp_path, replace(RUN, config=as_watched({"train": 3})))
    assert [command.purpose for command in next_commands(tmp_path)] == ["Replay"]


def test_a_folder_without_a_run_has_no_commands(tmp_path):
    (tmp_path / "run.json").write_text("{")
    assert next_commands(tmp_path) == next_commands(tmp_path / "none") == []
