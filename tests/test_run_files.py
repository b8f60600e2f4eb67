"""Names that distinguish run folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.run_files import distinct_names


@pytest.mark.parametrize(
    ("folders", "names"),
    [
        (["/a/run"], ["run"]),
        (["/a/first", "/a/second"], ["first", "second"]),
        (["/study/jem/seed-0/20min", "/study/twin/seed-0/20min/best"], ["jem/seed-0/20min", "twin/seed-0/20min/best"]),
        (["/a/run", "/a/run/best"], ["run", "run/best"]),
        (["/a/run", "/a/run"], ["run", "run (2)"]),
        (["/", "/"], [".", ". (2)"]),
    ],
)
def test_run_folders_have_distinct_names(folders: list[str], names: list[str]):
    assert distinct_names([Path(folder) for folder in folders]) == names


def test_names_of_relative_folders_are_those_of_their_targets(tmp_path, monkeypatch):
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to("target")
    monkeypatch.chdir(tmp_path / "target")
    assert distinct_names([Path()]) == distinct_names([Path("../link")]) == ["target"]
