"""The refusal to compare fewer than two readable runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.cli.browsing import compare as command
from jem_tui.errors import InputError
from jem_tui.stream.compare import readable_runs
from jem_tui.stream.compare.readable_runs import MOST_REASONS, refuse_too_few
from jem_tui.stream.reader.log_reader import event_files
from tests.cli.in_process import refused_here
from tests.stream.stream_events import record, small_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return record(tmp_path / "run", small_run())


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    folder = record(tmp_path / "damaged", small_run())
    for file in event_files(folder):
        file.write_bytes(b"\xff" * 400)
    return folder


def test_two_readable_runs_are_enough_and_no_more_is_read(run, damaged, tmp_path, monkeypatch):
    monkeypatch.setattr(readable_runs, "read_recording", lambda path: pytest.fail(f"{path} was read as a whole"))
    refuse_too_few([run, record(tmp_path / "other", small_run()), damaged])


@pytest.mark.parametrize("bytes_", [0, 1, 20, 1 << 18])
def test_a_log_is_readable_even_if_its_beginning_shows_nothing(run, tmp_path, monkeypatch, bytes_):
    monkeypatch.setattr(readable_runs, "BEGINNING", bytes_)
    refuse_too_few([run, record(tmp_path / "other", small_run())])


def test_the_reasons_are_named_in_one_sentence(run, empty, damaged):
    with pytest.raises(InputError) as refusal:
        refuse_too_few([empty, run, damaged])
    message = refusal.value.message
    assert message.startswith("A comparison needs two runs or more, but 1 of 3 can be read: ")
    assert f"{empty} holds no TensorBoard event files; {damaged} is not a readable" in message
    assert message.count(". ") == 0 and "jem-tui runs" in refusal.value.hint


def test_many_reasons_are_bounded(tmp_path):
    folders = [tmp_path / str(number) for number in range(10)]
    with pytest.raises(InputError, match=r"none of 10 can be read: .*; and 7 more") as refusal:
        refuse_too_few(folders)
    assert refusal.value.message.count("There is no folder") == MOST_REASONS


def test_the_command_refuses_before_its_screen_opens(run, empty, monkeypatch):
    monkeypatch.setattr(command, "attended_terminal", lambda: True)
    monkeypatch.setattr("jem_tui.cli.browsing.browse.browse_until_left", lambda state: pytest.fail("a screen opened"))
    assert f"but only {run} was found" in refused_here("compare", run)
    assert f"1 of 2 can be read: {empty} holds no" in refused_here("compare", run, empty)
    assert f"1 of 2 can be read: {empty} holds no" in refused_here("compare", "--json", run, empty)
