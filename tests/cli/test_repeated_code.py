"""Code that only a run folder names is not imported by any command, unless the command line repeats its name."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.in_process import call, refused_here

CODE = "from pathlib import Path\nPath('imported').touch()\n"


@pytest.fixture
def folder(trained_folder: Path, tmp_path: Path) -> Path:
    """Return a working directory with a run that names code, and a module of that name."""
    shutil.copytree(trained_folder, tmp_path / "run")
    path = tmp_path / "run" / "run.json"
    content = json.loads(path.read_text())
    content["config"]["network"] |= {"name": "strange:Net", "args": {"width": 3}}
    content["config"]["data"]["name"] = "strange:load"
    path.write_text(json.dumps(content))
    (tmp_path / "strange.py").write_text(CODE)
    return tmp_path


@pytest.mark.parametrize("command", [("eval", "run"), ("sample", "run"), ("train", "--no-ui", "--resume", "run")])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "If you trust it, repeat --data strange:load --network strange:Net to run it."),
        (("--network", "strange:Net"), "uses the data set strange:load, which is code outside jem-tui"),
        (("--data", "strange:load"), "repeat --network strange:Net to run it"),
        (("--network", "strange:Other", "--data", "strange:load"), "uses the network strange:Net"),
        (("-s", "network.name=strange:Net"), "repeat --data strange:load to run it"),
    ],
)
def test_unrepeated_code_is_refused_before_it_is_imported(folder: Path, command, words, sentence):
    stderr = refused_here(*command, *words, cwd=folder)
    assert sentence in stderr and not (folder / "imported").exists()


@pytest.mark.parametrize("command", ["eval", "sample"])
def test_only_arguments_of_own_data_can_be_set_for_a_recorded_run(folder: Path, command):
    own = ("--network", "strange:Net", "--data", "strange:load")
    stderr = refused_here(command, "run", *own, "-s", "sgld.steps=3", cwd=folder)
    assert "-s sgld.steps=3 does not apply to a recorded run" in stderr and not (folder / "imported").exists()


OWN = {"sgld.sampler": "strange:move", "buffer.init": "strange:start", "record.metrics": "strange:a,strange:b"}
ALL = ("--sampler", "strange:move", "--init", "strange:start", "--metric", "strange:a", "--metric", "strange:b")


@pytest.fixture
def sampling_folder(trained_folder: Path, tmp_path: Path) -> Iterator[Path]:
    """Return a working directory with a run that names a sampler, an initial distribution and metrics, and with their module."""
    shutil.copytree(trained_folder, tmp_path / "run")
    path = tmp_path / "run" / "run.json"
    content = json.loads(path.read_text())
    for key, name in OWN.items():
        section, _, setting = key.partition(".")
        content["config"][section][setting] = name
    path.write_text(json.dumps(content))
    (tmp_path / "strange.py").write_text(CODE)
    yield tmp_path
    sys.modules.pop("strange", None)


@pytest.mark.parametrize("command", ["eval", "sample"])
def test_sampler_and_starts_must_be_repeated_but_metrics_are_not_used(sampling_folder: Path, command):
    stderr = refused_here(command, "run", cwd=sampling_folder)
    assert "repeat -s sgld.sampler=strange:move -s buffer.init=strange:start to run it" in stderr
    assert not (sampling_folder / "imported").exists()
    words = ("-s", "sgld.sampler=strange:move", "-s", "buffer.init=strange:start")
    stderr = refused_here(command, "run", *words, cwd=sampling_folder)
    assert "strange has no attribute" in stderr and (sampling_folder / "imported").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "repeat --sampler strange:move --init strange:start --metric strange:a --metric strange:b"),
        (ALL[:-2], ""),
        (("-s", 'record.metrics=""', *ALL[2:4]), "uses the sampler strange:move, which is code"),
        (("--sampler", "sgld", *ALL[2:6]), ""),
        (("--metric", "other:c", *ALL[:4]), ""),
    ],
)
def test_a_resumed_run_may_change_or_leave_out_its_sampler_and_metrics(sampling_folder: Path, words, sentence):
    if sentence:
        assert sentence in refused_here("train", "--no-ui", "--resume", "run", *words, cwd=sampling_folder)
        assert not (sampling_folder / "imported").exists()
    else:
        done = call("train", "--no-ui", "--resume", "run", "--max-steps", "300", *words, cwd=sampling_folder)
        assert "has no attribute" in done.stderr or "There is no module other" in done.stderr


def test_a_config_file_does_not_repeat_a_name(folder: Path):
    (folder / "settings.toml").write_text('[network]\nname = "strange:Net"\n[data]\nname = "strange:load"\n')
    refused_here("train", "--no-ui", "--resume", "run", "--config", "settings.toml", cwd=folder)
    assert not (folder / "imported").exists()
