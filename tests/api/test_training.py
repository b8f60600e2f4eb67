"""Training as an iterator: the numbers of the command line, settings, resumption, and code of the user."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from jem_tui.api.recorded_run import open_run
from jem_tui.api.training import train
from jem_tui.errors import InputError
from jem_tui.events import (
    Adjust,
    Adjusted,
    Pause,
    Paused,
    RunStarted,
    StepDone,
    Stop,
    Stopped,
)
from jem_tui.plugins import NETWORK, resolve_plugin
from jem_tui.stream.runs.run_lock import is_being_written
from tests.jem import runs


def test_a_run_has_the_numbers_and_events_of_the_command_line(tmp_path: Path):
    config = runs.small_config(max_steps=6)
    found = list(train(config, run_dir=tmp_path / "api"))
    expected = runs.run(config, tmp_path / "cli")
    assert runs.emitted(found) == runs.emitted(expected)
    assert isinstance(found[0], RunStarted) and isinstance(found[-1], Stopped)
    assert open_run(tmp_path / "api").status == "finished"


def test_a_run_resumes_after_a_break(tmp_path: Path):
    for event in train(runs.small_config(max_steps=6), run_dir=tmp_path / "run"):
        if isinstance(event, StepDone) and event.step == 3:
            break
    run = open_run(tmp_path / "run")
    assert (run.status, run.step, [step for step, _ in run.checkpoints]) == ("stopped", 3, [3])
    last = [event.step for event in train(resume=run.path) if isinstance(event, StepDone)]
    assert last == [4, 5, 6]
    assert run.refresh()
    assert run.curves["JEM/total"].steps.tolist() == [1, 2, 3, 4, 5, 6]


def test_settings_change_a_preset_a_mapping_and_an_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    made = []
    monkeypatch.setattr("jem_tui.api.training._opener", lambda config, folder, known: made.append(config))
    train("classic", {"sgld.steps": 3})
    train({"preset": "classic", "sgld": {"steps": 3}})
    train(runs.small_config("sgld.noise_scale=0.5"), {"sgld.steps": 3})
    assert [config.sgld.steps for config in made] == [3, 3, 3]
    assert [config.sgld.noise_scale for config in made] == [0.01, 0.005, 0.5]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"config": "fats"}, r"There is no preset 'fats' \(did you mean fast\?\)"),
        ({"settings": {"sgld.step": 3}}, r"Unknown setting sgld.step in settings \(did you mean sgld.steps\?\)"),
        ({"settings": {"sgld.steps": "many"}}, "sgld.steps in settings is 'many'. It must be a whole number"),
        ({"config": {"sgld": 3}}, "sgld in config is a section"),
        ({"run_dir": __file__}, "is a file"),
        ({"resume": "nowhere"}, "There is no folder nowhere"),
        ({"resume": "nowhere", "run_dir": "else"}, "A resumed run continues in its own folder. Leave out run_dir."),
        ({"resume": "nowhere", "config": {}}, "Pass changes as settings"),
        ({"config": 5}, "config is of type int. Pass the name of a preset"),
        ({"config": ["fast"]}, "config is of type list. Pass the name of a preset"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_begins(tmp_path: Path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=sentence):
        train(**arguments)
    assert not list(tmp_path.iterdir())


def test_commands_are_applied_after_the_step(tmp_path: Path):
    with train(runs.small_config(max_steps=6), run_dir=tmp_path / "run") as events:
        events.send(Adjust(name="sgld.steps", increments=1))
        adjusted = next(event for event in events if isinstance(event, Adjusted))
        assert (adjusted.step, adjusted.old, adjusted.new) == (0, 2, 3)
        events.send(Pause())
        events.send(Stop(save=False))
        rest = [type(event) for event in events]
    assert rest[-2:] == [Paused, Stopped]


class Net(nn.Sequential):
    """A network of a user."""

    def __init__(self, shape: tuple[int, int, int], classes: int, width: int = 4) -> None:
        super().__init__(nn.Flatten(), nn.Linear(math.prod(shape), width), nn.SiLU(), nn.Linear(width, classes))


def stripes(count: int = 100) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return training and test images of random pixels."""
    images = np.random.default_rng(0).integers(0, 256, (count, 8, 8), np.uint8)
    return (images, np.arange(count) % 2), (images[:20] // 2, np.arange(20) % 2)


def test_a_class_and_a_function_are_passed_as_objects_and_recorded_by_name(tmp_path: Path):
    config = runs.small_config(max_steps=2)
    list(train(config, {"network.args.width": 3}, network=Net, data=stripes, run_dir=tmp_path / "run"))
    run = open_run(tmp_path / "run")
    assert (run.config.network.name, run.config.data.name) == (f"{__name__}:Net", f"{__name__}:stripes")
    assert (run.config.network.args, run.started.tile_shape) == ({"width": 3}, (8, 8, 1))
    with pytest.raises(InputError, match=r"code outside jem-tui that only the run folder names"):
        train(resume=run.path, settings={"train.max_steps": 3})
    list(train(resume=run.path, settings={"train.max_steps": 3}, network=Net, data=stripes))
    assert run.refresh() and run.step == 3


def test_code_of_a_notebook_is_not_found_elsewhere():
    with pytest.raises(InputError, match=r"Net was defined in a notebook or script other than this program\. Move it"):
        resolve_plugin(NETWORK, "__main__:Net")


@pytest.mark.slow
@pytest.mark.parametrize("end", ["", "raise ValueError", "signal.raise_signal(signal.SIGINT)"])
def test_a_process_that_exits_ends_its_run(tmp_path: Path, end: str):
    settings = {"network.width": 4, "buffer.size": 64, "train.batch_size": 16, "sgld.steps": 1, "train.max_steps": 50}
    lines = ["import signal, jem_tui", f"run = jem_tui.train('fast', {settings}, run_dir='run')", "next(run)", end]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=tmp_path, capture_output=True)
    assert not is_being_written(tmp_path / "run")
    assert open_run(tmp_path / "run").status == "stopped"
