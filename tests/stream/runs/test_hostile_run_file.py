"""Malformed run.json files: only their run is listed as damaged, and every command that needs it prints one sentence."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from jem_tui.cli.application import app
from jem_tui.cli.run_inputs import opened_settings
from jem_tui.config.load import as_mapping
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.run_files import RUN_FILE
from jem_tui.stream.runs.catalog import find_runs
from jem_tui.stream.runs.json_file import MOST_BYTES, MOST_DEPTH, parse_json
from jem_tui.stream.runs.resumed_settings import resumed_settings
from jem_tui.stream.runs.run_dir import mark_ended, read_run_file
from tests.stream.stream_events import record, small_run


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    record(root / "bad", small_run(3))
    record(root / "good", small_run(3))
    return root


@pytest.fixture(scope="module")
def whole(root: Path) -> dict[str, Any]:
    content = json.loads((root / "good" / RUN_FILE).read_text())
    return {**content, "config": as_mapping(RunConfig())}


def check_every_reader(root: Path) -> None:
    """Run every reader on both runs: the valid one is unchanged, and the malformed one is read or refused in a sentence."""
    states = {run.path.name: run for run in find_runs(root)[0]}
    assert states["good"].state == "finished" and states["good"].step == 3
    assert bool(states["bad"].reason) == (states["bad"].state == "damaged")
    result = CliRunner().invoke(app, ["runs", str(root)])
    assert result.exit_code == 0 and "good" in result.stdout and "bad" in result.stdout, result.exception
    listed = CliRunner().invoke(app, ["runs", "--json", str(root)])
    assert {entry["state"] for entry in json.loads(listed.stdout)} >= {"finished"}
    for read in (read_run_file, opened_settings, lambda path: resumed_settings(path, [], [])):
        try:
            read(root / "bad")
        except InputError as error:
            assert len(str(error)) < 1000
    mark_ended(root / "bad", "stopped")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([10**400, -(10**400), 2**63, 1e300, math.nan, "NaN", "running", "\ud800", "\x1b[2J", "a\0b"]),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3),
    max_leaves=6,
)
FIELDS = ("schema", "versions", "argv", "config", "seed", "device", "status", "step", "images", "started", "updated")


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*FIELDS, "accuracy", "accuracy_split", "dataset"]), JSON, min_size=1, max_size=3)
)
def test_any_value_of_any_field(root: Path, whole: dict[str, Any], changes: dict[str, Any]):
    (root / "bad" / RUN_FILE).write_text(json.dumps({**whole, **changes}))
    check_every_reader(root)


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(["preset", *as_mapping(RunConfig())]),
    JSON | st.dictionaries(st.sampled_from(["name", "steps", "seed", "dir", "clip", "policy"]), JSON, max_size=2),
)
def test_any_value_in_the_settings(root: Path, whole: dict[str, Any], name: str, value: Any):
    (root / "bad" / RUN_FILE).write_text(json.dumps({**whole, "config": {**whole["config"], name: value}}))
    check_every_reader(root)


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_random_bytes_are_accepted_or_refused(root: Path, whole: dict[str, Any], data: st.DataObject):
    content = json.dumps(whole).encode()
    cut = content[: data.draw(st.integers(0, len(content)))]
    (root / "bad" / RUN_FILE).write_bytes(cut + data.draw(st.binary(max_size=20)))
    check_every_reader(root)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"step": "3"}, "step is '3', not a number of steps"),
        ({"step": [1]}, r"step is \[1\], not a number of steps"),
        ({"step": None}, "step is None"),
        ({"step": -1}, "step is -1"),
        ({"step": {"a": 1}}, "step is"),
        ({"step": True}, "step is True"),
        ({"step": math.nan}, "NaN is not JSON"),
        ({"updated": "yesterday"}, "updated is 'yesterday', not a number"),
        ({"accuracy": 10**400}, "accuracy is 1000"),
        ({"accuracy_split": ["test"]}, "accuracy_split is .* not text or nothing"),
        ({"status": "asleep"}, "status is 'asleep', not one of running"),
        ({"config": {"sgld": 5}}, "not a table of settings"),
        ({"config": {"data": {"name": []}}}, "not a table of settings"),
        ({"argv": [1]}, "argv is"),
    ],
)
def test_the_reason_names_the_field(root: Path, whole: dict[str, Any], changes: dict[str, Any], words: str):
    (root / "bad" / RUN_FILE).write_text(json.dumps({**whole, **changes}))
    with pytest.raises(InputError, match=words):
        read_run_file(root / "bad")
    check_every_reader(root)


def make_sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 36)


@pytest.mark.parametrize(
    "make",
    [
        os.mkfifo,
        os.mkdir,
        make_sparse,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to("nowhere"),
        lambda path: path.symlink_to(path.name),
        lambda path: path.write_bytes(b'{"a":' * 100_000),
        lambda path: path.write_bytes(b"[" * (MOST_BYTES // 2)),
        lambda path: path.write_bytes(b'{"step": ' + b"9" * 5000 + b"}"),
        lambda path: path.write_bytes(b"\xff\xfe{}"),
    ],
)
def test_a_file_of_another_format_is_refused_at_once(root: Path, make):
    path = root / "bad" / RUN_FILE
    path.unlink(missing_ok=True)
    make(path)
    states = {run.path.name: run.state for run in find_runs(root)[0]}
    assert states == {"bad": "damaged", "good": "finished"}
    with pytest.raises(InputError):
        resumed_settings(root / "bad", [], [])
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def test_nesting_is_bounded():
    deep = b"[" * MOST_DEPTH + b"]" * MOST_DEPTH
    assert parse_json(deep)
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json(b"[" + deep + b"]")
