"""Labels of runs, renaming and deletion: nothing is lost, and a live run stays where it is."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.stream.reader.read_points import read_points
from jem_tui.stream.runs import moved_runs
from jem_tui.stream.runs.catalog import find_runs
from jem_tui.stream.runs.folder_size import measure_folder
from jem_tui.stream.runs.moved_runs import TRASH, delete_run, rename_run, trash_run
from jem_tui.stream.runs.run_dir import lock_run_dir, read_run_file, write_run_file
from jem_tui.stream.runs.run_labels import LABELS_FILE, MOST_TAGS, RunLabels, read_labels, write_labels
from tests.stream.stream_events import record, small_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return record(tmp_path / "runs" / "a", small_run())


def content_of(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.iterdir() if not path.name.startswith(".")}


def test_labels_are_stored_without_touching_anything_else(run):
    before = content_of(run)
    assert read_labels(run) == RunLabels()
    write_labels(run, ("baseline", " baseline ", "", "K=10"), "  good\nsamples\x1b[2J ")
    assert read_labels(run) == RunLabels(("baseline", "K=10"), "good samples\\x1b[2J")
    assert {name: data for name, data in content_of(run).items() if name != LABELS_FILE} == before
    assert read_run_file(run).step == 10


def test_unknown_fields_of_labels_survive(run):
    (run / LABELS_FILE).write_text(json.dumps({"schema": 1, "note": "old", "colour": "red"}))
    write_labels(run, ("x",), "new")
    assert json.loads((run / LABELS_FILE).read_text()) == {
        "schema": 1,
        "note": "new",
        "colour": "red",
        "tags": ["x"],
    }


@pytest.mark.parametrize("content", ["{", "[]", "[" * 99, '{"tags": [1]}', '{"note": 3}', '{"schema": 2}', '"x"', "\0"])
def test_damaged_labels_are_reported_and_never_overwritten(run, content):
    (run / LABELS_FILE).write_text(content)
    assert LABELS_FILE in read_labels(run).reason
    with pytest.raises(InputError, match=LABELS_FILE):
        write_labels(run, ("x",), "")
    assert (run / LABELS_FILE).read_text() == content
    assert [each.state for each in find_runs(run.parent)[0]] == ["finished"]


def test_labels_are_bounded(run):
    write_labels(run, tuple(map(str, range(100))), "x" * 10_000)
    labels = read_labels(run)
    assert (len(labels.tags), len(labels.note)) == (MOST_TAGS, 2000)


def test_a_disk_that_refuses_leaves_the_labels(run, monkeypatch):
    write_labels(run, ("x",), "kept")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jem_tui.stream.runs.run_labels.replace_file", refuse)
    with pytest.raises(InputError, match="No space left on device"):
        write_labels(run, (), "lost")
    assert read_labels(run) == RunLabels(("x",), "kept")


def test_a_renamed_run_has_the_same_content(run):
    before = content_of(run)
    renamed = rename_run(run, " a better name ")
    assert (renamed.name, run.exists()) == ("a better name", False)
    assert content_of(renamed) == before
    assert len(read_points(renamed).points)
    assert rename_run(renamed, "a better name") == renamed


@pytest.mark.parametrize("name", ["", "  ", ".hidden", "..", "a/b", "a\nb", "a\x1b[2J", "ü" * 101])
def test_names_that_cannot_be_used_are_refused(run, name):
    with pytest.raises(InputError, match="name"):
        rename_run(run, name)
    assert run.is_dir()


def test_a_name_that_is_taken_is_refused_even_for_an_empty_folder(run):
    (run.parent / "b").mkdir()
    with pytest.raises(InputError, match="already exists"):
        rename_run(run, "b")


def test_a_deleted_run_is_in_the_trash_and_no_longer_listed(run):
    root, before = run.parent, content_of(run)
    assert trash_run(run, root) == root / TRASH / "a"
    assert content_of(root / TRASH / "a") == before
    record(run, small_run())
    assert trash_run(run, root) == root / TRASH / "a-2"
    assert find_runs(root)[0] == []


def test_a_run_can_be_deleted_for_good(run):
    delete_run(run)
    assert list(run.parent.iterdir()) == []


CHANGES = pytest.mark.parametrize(
    "change", [lambda run: rename_run(run, "b"), lambda run: trash_run(run, run.parent), delete_run]
)


@CHANGES
def test_a_live_run_is_never_changed(run, change):
    lock = lock_run_dir(run, new=False)
    before = content_of(run)
    try:
        with pytest.raises(InputError, match="Another run is writing"):
            change(run)
    finally:
        lock.release()
    assert content_of(run) == before


@CHANGES
def test_a_run_that_was_just_written_counts_as_live_without_a_visible_lock(run, change, monkeypatch):
    write_run_file(run, replace(read_run_file(run), status="running"))
    with pytest.raises(InputError, match="may be live"):
        change(run)
    monkeypatch.setattr(moved_runs, "RECENT", 0.0)
    change(run)
    assert not run.exists()


@CHANGES
def test_a_run_with_further_runs_in_it_stays(run, change):
    inner = record(run / "inner", small_run())
    with pytest.raises(InputError, match="1 further runs"):
        change(run)
    assert inner.is_dir()


@CHANGES
def test_a_link_stays(run, change):
    link = run.with_name("link")
    link.symlink_to(run)
    with pytest.raises(InputError, match="is a link"):
        change(link)
    assert link.is_symlink()
    assert run.is_dir()


@CHANGES
def test_a_vanished_run_is_one_sentence(run, change):
    delete_run(run)
    with pytest.raises(InputError, match="no longer there"):
        change(run)


def test_a_folder_of_another_program_is_not_deleted(run):
    (run / "run.json").unlink()
    for change in (delete_run, lambda path: trash_run(path, path.parent)):
        with pytest.raises(InputError, match="another program"):
            change(run)


def test_a_log_of_another_program_is_renamed_once_its_writer_has_been_silent(run):
    """A live log of another program has neither a lock nor a status."""
    (run / "run.json").unlink()
    with pytest.raises(InputError, match="may be live"):
        rename_run(run, "b")
    set_age(run, moved_runs.RECENT_OF_OTHERS - 30)
    with pytest.raises(InputError, match="may be live"):
        rename_run(run, "b")
    set_age(run, moved_runs.RECENT_OF_OTHERS + 1)
    assert rename_run(run, "b").is_dir()


@CHANGES
def test_a_run_whose_status_cannot_be_read_counts_as_live_while_it_changes(run, change):
    (run / "run.json").write_text("{")
    with pytest.raises(InputError, match="may be live"):
        change(run)
    set_age(run, moved_runs.RECENT + 1)
    change(run)
    assert not run.exists()


def set_age(run: Path, seconds: float) -> None:
    """Set the last change of every file of a run to some seconds ago."""
    then = time.time() - seconds
    for path in [run, *run.iterdir()]:
        os.utime(path, (then, then))


def test_a_trash_that_leads_elsewhere_is_refused(run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (run.parent / TRASH).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link"):
        trash_run(run, run.parent)
    assert run.is_dir()


def test_a_disk_that_refuses_leaves_the_run(run, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "rename", refuse)
    for change in (lambda: rename_run(run, "b"), lambda: trash_run(run, run.parent), lambda: delete_run(run)):
        with pytest.raises(InputError, match="Read-only file system"):
            change()
    assert len(content_of(run)) >= 2


def test_the_content_of_a_folder_is_measured_without_links(run, tmp_path):
    (run / "checkpoints").mkdir()
    (run / "checkpoints" / "step_000010.pt").write_bytes(b"x" * 1000)
    before = measure_folder(run)
    (run / "root").symlink_to("/")
    after = measure_folder(run)
    assert (after.files, after.bytes - before.bytes) == (before.files + 1, len("/"))
    assert (before.checkpoints, before.complete) == (1, True)
    assert measure_folder(tmp_path / "nothing").complete is False
