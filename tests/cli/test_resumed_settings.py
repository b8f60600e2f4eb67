"""Settings of a resumed run: the recorded values are accepted, and a few settings may change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jem_tui.cli.messages import report_ending
from jem_tui.config.load import as_mapping, make_config, set_value, value_of
from jem_tui.errors import InputError
from jem_tui.events.run import Stopped
from jem_tui.stream.runs.resumed_settings import MAY_CHANGE, refuse_reached_limit, resumed_settings
from jem_tui.stream.runs.run_dir import RunFile, read_run_file, write_run_file

RECORDED = make_config("fast", None, ["train.seed=7", "train.device=cpu", "data.validation=0.2"])
ANOTHER = {
    "train.seed": 8,
    "train.device": "cuda",
    "train.precision": "bfloat16",
    "data.name": "kmnist",
    "data.validation": 0.3,
    "network.width": 16,
    "buffer.policy": "ring",
    "optimizer.beta1": 0.5,
}


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    run = RunFile(
        versions={},
        argv=("jem-tui", "train"),
        config=as_mapping(RECORDED),
        seed=7,
        device="cpu",
        status="stopped",
        step=3,
        images=192,
        started=1.5,
        updated=2.5,
    )
    write_run_file(tmp_path, run)
    return tmp_path


@pytest.mark.parametrize("key", ANOTHER)
def test_a_fixed_setting_may_be_repeated_but_not_changed(run_dir: Path, key: str):
    value = value_of(RECORDED, key)
    assert resumed_settings(run_dir, [(key, value, "--flag")], []) == RECORDED
    assert resumed_settings(run_dir, [], [f"{key}={json.dumps(value)}"]) == RECORDED
    with pytest.raises(InputError, match=f"{key} cannot change when a run is resumed"):
        resumed_settings(run_dir, [(key, ANOTHER[key], "--flag")], [])
    with pytest.raises(InputError, match=f"{key} cannot change when a run is resumed"):
        resumed_settings(run_dir, [], [f"{key}={ANOTHER[key]}"])


@pytest.mark.parametrize(("key", "value"), [("train.epochs", 30), ("sgld.steps", 9), ("record.tiles", 4)])
def test_a_changeable_setting_changes(run_dir: Path, key: str, value: int):
    assert key.startswith(MAY_CHANGE)
    assert resumed_settings(run_dir, [], [f"{key}={value}"]) == set_value(RECORDED, key, value, "")


def test_an_unknown_setting_names_the_nearest(run_dir: Path):
    with pytest.raises(InputError, match=r"did you mean train\.seed"):
        resumed_settings(run_dir, [], ["train.sed=7"])


def test_a_reached_step_limit_is_removed(run_dir: Path):
    config = resumed_settings(run_dir, [], [])
    assert config == replace(RECORDED, train=replace(RECORDED.train, max_steps=0))


def test_a_limit_below_the_steps_of_a_finished_run_is_refused(run_dir: Path):
    refuse_reached_limit(run_dir, 2)
    write_run_file(run_dir, replace(read_run_file(run_dir), status="finished"))
    for limit in (2, 3):
        with pytest.raises(InputError, match=rf"3 of {limit} steps are done\..*counts from the start"):
            refuse_reached_limit(run_dir, limit)
    refuse_reached_limit(run_dir, 4)
    refuse_reached_limit(run_dir, 0)


def test_the_command_line_of_the_first_start_may_be_repeated(run_dir: Path, tmp_path_factory: pytest.TempPathFactory):
    file = tmp_path_factory.mktemp("settings") / "run.toml"
    file.write_text("preset = 'fast'\n[data]\nvalidation = 0.2\n[sgld]\nsteps = 9\n")
    config = resumed_settings(run_dir, [("train.device", "auto", "--device")], ["train.threads=0"], "fast", file)
    assert config == set_value(RECORDED, "sgld.steps", 9, "")
    file.write_text("[data]\nvalidation = 0.3\n")
    with pytest.raises(InputError, match=r"data\.validation cannot change"):
        resumed_settings(run_dir, [], [], "", file)
    with pytest.raises(InputError, match="preset cannot change when a run is resumed: it is 'fast'"):
        resumed_settings(run_dir, [], [], "classic")
    file.write_text("preset = 5\n")
    with pytest.raises(InputError, match="preset cannot change"):
        resumed_settings(run_dir, [], [], "", file)


def test_a_refusal_while_loading_names_the_step_of_the_run(run_dir: Path, capsys: pytest.CaptureFixture[str]):
    report_ending(Stopped(step=0, images=0, time=0.0, reason="refused", error="No data."), run_dir)
    assert f"refused at step 3 · run {run_dir} · no checkpoint" in capsys.readouterr().err
