"""Commands and the Python API on the folder of a watched run."""

from __future__ import annotations

from pathlib import Path

import pytest

import jem_tui
from jem_tui.api.recorded_run import open_run
from jem_tui.config.load import from_mapping
from jem_tui.errors import InputError
from jem_tui.run_files import RUN_FILE
from jem_tui.stream.runs.catalog import find_runs
from jem_tui.stream.runs.resumed_settings import resumed_settings
from jem_tui.stream.runs.run_dir import read_run_file
from tests.watching.loops import take_steps


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """A watched run whose settings have the names of those of a training run."""
    with jem_tui.watch(tmp_path / "run", config={"train": {"epochs": "many"}, "data": "mine", "preset": 3}) as run:
        take_steps(run, 4)
    return tmp_path / "run"


def test_the_run_file_is_that_of_a_valid_run(run_dir):
    ((found,), note) = find_runs(run_dir.parent)
    assert (found.state, found.step, found.preset, found.data, note) == ("finished", 4, "", "", "")


def test_commands_that_need_a_network_say_what_the_run_is(run_dir):
    """`eval`, `sample` and `--resume` read the settings through these functions."""
    with pytest.raises(InputError, match=r"belongs to a watched loop.* Display the run with jem-tui replay"):
        from_mapping(read_run_file(run_dir).config, str(run_dir / RUN_FILE))
    with pytest.raises(InputError, match=r"belongs to a watched loop"):
        resumed_settings(run_dir, [], [])


def test_the_api_returns_the_settings_of_the_loop(run_dir):
    run = open_run(run_dir)
    assert run.settings == {"train": {"epochs": "many"}, "data": "mine", "preset": 3}
    assert run.curves["loss"].steps.tolist() == [1, 2, 3, 4]
