"""Names and claims of run folders, and run.json."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.stream.runs.run_dir import claim_run_dir, default_root, new_run_dir, read_run_file, write_run_file
from tests.stream.runs.unfinished_run import RUN


@pytest.mark.parametrize(
    ("label", "expected"),
    [("mnist-mini", "mnist-mini"), ("/data/My Birds!", "data-my-birds"), ("..", "run"), ("x" * 99, "x" * 40)],
)
def test_names_carry_local_time_label_and_four_hex_digits(tmp_path: Path, label: str, expected: str):
    now = time.mktime((2026, 11, 23, 18, 12, 5, 0, 0, -1))
    path = new_run_dir(tmp_path, label, lambda: now)
    assert re.fullmatch(rf"2026-11-23_1812-{re.escape(expected)}-[0-9a-f]{{4}}", path.name)
    assert not path.exists()


def test_default_root_is_runs_here():
    assert default_root() == Path("runs")


def test_new_and_empty_folders_can_be_claimed_and_are_left_alone(tmp_path: Path):
    assert claim_run_dir(tmp_path) == tmp_path
    deep = tmp_path / "a" / "b"
    assert claim_run_dir(deep) == deep
    assert not list(tmp_path.iterdir())


def test_folders_with_contents_and_files_are_refused(tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    for path, words in ((tmp_path, "is not empty"), (file, "is a file"), (file / "below", "is a file")):
        with pytest.raises(InputError, match=words) as caught:
            claim_run_dir(path)
        assert caught.value.hint


def test_folders_that_cannot_be_written_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere
    with pytest.raises(InputError, match="no permission"):
        claim_run_dir(tmp_path / "new")


def test_run_file_survives_the_round_trip_and_leaves_no_temporary_file(tmp_path: Path):
    write_run_file(tmp_path, RUN)
    write_run_file(tmp_path, replace(RUN, step=4))
    assert read_run_file(tmp_path) == replace(RUN, step=4)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no run in"),
        ("", "damaged"),
        ("[]", "damaged"),
        ('{"schema": 1}', "damaged"),
        ('{"schema": 99}', "schema 99"),
    ],
)
def test_missing_and_damaged_run_files_are_explained(tmp_path: Path, content: str | None, words: str):
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(InputError, match=words) as caught:
        read_run_file(tmp_path)
    assert caught.value.hint


def test_unknown_keys_in_a_run_file_are_ignored(tmp_path: Path):
    write_run_file(tmp_path, RUN)
    path = tmp_path / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"later": 1}))
    assert read_run_file(tmp_path) == RUN
