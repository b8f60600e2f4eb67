"""The table of runs."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from jem_tui.cli.application import app
from jem_tui.cli.runs import ago, runs
from jem_tui.errors import InputError
from jem_tui.stream.runs.catalog import find_runs
from jem_tui.stream.runs.run_dir import lock_run_dir, read_run_file, write_run_file
from jem_tui.stream.writer.recorder import Recorder
from tests.stream.stream_events import evaluated, record, small_run, started, step_done, stopped


@pytest.fixture
def root(tmp_path: Path) -> Path:
    record(tmp_path / "a", small_run())
    record(tmp_path / "group" / "b", small_run())
    return tmp_path


def set_status(run_dir: Path, status: str) -> None:
    write_run_file(run_dir, replace(read_run_file(run_dir), status=status))


def states(root: Path) -> dict[str, str]:
    return {run.path.name: run.state for run in find_runs(root)[0]}


def test_runs_are_found_at_every_level_with_what_they_reached(root):
    first, second = sorted(find_runs(root)[0], key=lambda run: run.path)
    assert (first.path, second.path) == (root / "a", root / "group" / "b")
    assert first.state == "finished"
    assert first.step == 10
    assert first.accuracy == pytest.approx(0.9712345678)
    assert first.accuracy_split == "validation"


def test_the_split_is_that_of_the_newest_evaluation_with_an_accuracy(tmp_path):
    events = [started(), step_done(1), evaluated(1), replace(evaluated(1, 0.5), split="test"), stopped(1)]
    other = replace(evaluated(1), split="other", scores={"auroc": 0.5})
    run = record(tmp_path / "run", [*events[:-1], other, events[-1]])
    assert (read_run_file(run).accuracy, read_run_file(run).accuracy_split) == (0.5, "test")
    resumed = Recorder(run, ("train",), now=lambda: 2000.0)
    resumed(started(1))
    resumed(stopped(1))
    assert (read_run_file(run).accuracy, read_run_file(run).accuracy_split) == (0.5, "test")


@pytest.mark.parametrize("status", ["stopped", "interrupted", "failed", "diverged"])
def test_the_state_of_a_run_is_its_end(root, status):
    set_status(root / "a", status)
    assert states(root)["a"] == status


def test_a_running_run_without_a_writer_has_crashed(root):
    set_status(root / "a", "running")
    assert states(root)["a"] == "crashed"
    lock = lock_run_dir(root / "a", new=False)
    try:
        assert states(root)["a"] == "running"
    finally:
        lock.release()
    assert states(root)["a"] == "crashed"


def test_damaged_and_foreign_folders_are_distinguished(root):
    (root / "a" / "run.json").write_text("{")
    (root / "foreign").mkdir()
    (root / "foreign" / "events.out.tfevents.1").write_bytes(b"")
    assert states(root) == {"a": "damaged", "b": "finished", "foreign": "foreign"}


def test_a_stray_log_does_not_hide_the_runs_in_its_folder(root):
    (root / "text.tfevents").write_text("hello")
    assert states(root) == {root.name: "foreign", "a": "finished", "b": "finished"}


def test_a_run_file_without_accuracy_is_listed(root):
    path = root / "a" / "run.json"
    content = json.loads(path.read_text())
    del content["accuracy"], content["accuracy_split"]
    path.write_text(json.dumps(content))
    assert read_run_file(root / "a").accuracy is None and read_run_file(root / "a").accuracy_split is None


def test_the_table_shows_every_run_and_the_json_every_fact(root, capsys):
    runs(root)
    table = capsys.readouterr().out
    assert "group/b" in table
    assert "97.12%" in table
    runs(root, json_=True)
    entries = json.loads(capsys.readouterr().out)
    assert {entry["state"] for entry in entries} == {"finished"}
    facts = {"path", "state", "preset", "data", "step", "images", "accuracy", "updated", "reason", "tags", "note"}
    assert set(entries[0]) == facts | {"accuracy_split"}


def test_an_empty_folder_is_reported_and_a_missing_one_refused(tmp_path, capsys):
    runs(tmp_path)
    assert "no runs below" in capsys.readouterr().out
    with pytest.raises(InputError, match="no folder"):
        runs(tmp_path / "missing")


def test_names_cannot_control_the_terminal(tmp_path, capsys):
    record(tmp_path / "a\x1b[2Jb", small_run())
    runs(tmp_path)
    assert "\x1b[2J" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0 s ago"), (59, "59 s ago"), (3600, "1 h ago"), (90, "2 min ago"), (200_000, "2 d ago")]
)
def test_times_are_printed_in_one_unit(seconds, text):
    assert ago(seconds) == text


@pytest.mark.parametrize("json_", [False, True])
def test_names_that_are_not_utf8_are_escaped(tmp_path, capsys, json_):
    name = os.fsdecode(b"caf\xe9")
    record(tmp_path / name, small_run())
    runs(tmp_path, json_=json_)
    printed = capsys.readouterr().out
    assert printed.encode("utf-8")
    assert json.loads(printed)[0]["path"] == str(tmp_path / name) if json_ else r"caf\udce9" in printed


def test_a_link_to_nowhere_and_a_pipe_among_event_files_hide_nothing(root):
    (root / "a" / "events.out.tfevents.9.x").symlink_to("nowhere")
    os.mkfifo(root / "a" / "events.out.tfevents.8.x")
    assert states(root) == {"a": "finished", "b": "finished"}


@settings(max_examples=10, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=12).map(lambda name: b"r" + name.translate(None, b"/\0")), unique=True))
def test_runs_of_any_name_are_listed_in_a_line_each(tmp_path_factory, made):
    root = tmp_path_factory.mktemp("root")
    for name in made:
        (root / os.fsdecode(name)).mkdir()
        (root / os.fsdecode(name) / "events.out.tfevents.1.host").touch()
    result = CliRunner().invoke(app, ["runs", str(root)])
    assert result.exit_code == 0, result.exception
    assert result.stdout.count("foreign") == len(set(made))
    assert all(line.isprintable() for line in result.stdout.splitlines())
    listed = json.loads(CliRunner().invoke(app, ["runs", "--json", str(root)]).stdout)
    assert {os.fsencode(Path(run["path"]).name) for run in listed} == set(made)
