"""Tests of the folder that is searched for runs without an argument."""

from pathlib import Path

import pytest

from jem_tui.stream.runs.find_runs import searched_folder


def test_runs_in_the_working_folder_are_searched_only_where_there_is_no_folder_of_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert searched_folder() == Path("runs")
    deep = tmp_path / "results" / "first"
    deep.mkdir(parents=True)
    (deep / "run.json").touch()
    assert searched_folder() == Path("runs")
    for folder in (deep.parent, deep):
        monkeypatch.chdir(folder)
        assert searched_folder() == Path()
    (deep / "runs").mkdir()
    assert searched_folder() == Path("runs")
    assert searched_folder(Path("elsewhere")) == Path("elsewhere")
