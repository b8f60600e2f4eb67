"""Addresses of live runs: private folders, stale files, other machines, and files of unknown origin."""

from __future__ import annotations

import json
import os
import shlex
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.errors import InputError
from jem_tui.stream.attach import socket_folder
from jem_tui.stream.attach.door_file import (
    DOOR_FILE,
    DoorFile,
    _checked,
    is_live,
    live_door,
    live_doors,
    read_door,
    remove_door,
    write_door,
)
from jem_tui.stream.attach.socket_folder import is_own_peer, listening_socket, new_socket_path


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


@pytest.fixture
def live(run_dir: Path) -> Iterator[DoorFile]:
    """A door at which this process listens."""
    path = new_socket_path()
    door = DoorFile((1, 0), socket.gethostname(), str(path), os.getpid(), str(run_dir), 100.0)
    with closing(listening_socket(path)):
        write_door(door, door.copy_path)
        write_door(door, run_dir / DOOR_FILE)
        yield door


def closed(door: DoorFile) -> DoorFile:
    """Return a door of a process that ended without removing its files."""
    path = new_socket_path()
    listening_socket(path).close()
    stale = replace(door, socket=str(path))
    write_door(stale, stale.copy_path)
    return stale


def test_a_live_run_is_found_by_its_folder_and_in_the_list(live: DoorFile, run_dir: Path):
    assert read_door(run_dir) == live_door(run_dir) == live
    assert live_doors() == [live]


def test_sockets_and_their_folder_are_closed_to_other_users(live: DoorFile):
    path = Path(live.socket)
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_the_newest_run_is_listed_first(live: DoorFile):
    path = new_socket_path()
    newer = replace(live, socket=str(path), opened=200.0)
    with closing(listening_socket(path)):
        write_door(newer, newer.copy_path)
        assert live_doors() == [newer, live]


def test_files_of_an_ended_process_are_removed_by_listing(live: DoorFile, sockets: Path):
    stale = closed(live)
    assert not is_live(stale)
    assert live_doors() == [live]
    assert {path.name for path in sockets.iterdir()} == {Path(live.socket).name, live.copy_path.name}


def test_a_stale_door_is_not_joined(live: DoorFile, run_dir: Path):
    remove_door(live)
    write_door(closed(live), run_dir / DOOR_FILE)
    with pytest.raises(InputError, match="no live run"):
        live_door(run_dir)


def test_a_run_that_cannot_write_into_its_folder_is_found_among_the_sockets(live: DoorFile, run_dir: Path):
    (run_dir / DOOR_FILE).unlink()
    assert live_door(run_dir) == live


def test_removing_a_door_leaves_the_door_of_a_later_session(live: DoorFile, run_dir: Path, sockets: Path):
    later = replace(live, pid=live.pid + 1)
    write_door(later, run_dir / DOOR_FILE)
    remove_door(live)
    assert list(sockets.iterdir()) == []
    assert json.loads((run_dir / DOOR_FILE).read_text())["pid"] == live.pid + 1


def test_a_run_of_another_machine_names_the_command_to_use(live: DoorFile, run_dir: Path):
    write_door(replace(live, host="node7", run_dir="/data/run"), run_dir / DOOR_FILE)
    with pytest.raises(InputError) as raised:
        live_door(run_dir)
    assert str(raised.value) == "The run is live on node7; use jem-tui attach ssh://node7/data/run."


def test_sockets_outside_private_folders_are_never_connected(live: DoorFile, sockets: Path):
    sockets.chmod(0o755)
    assert not is_live(live)
    assert live_doors() == []


@pytest.mark.parametrize("name", ["docker.sock", "1-0123456.sock", "jem-tui/agent.sock", "app/1-01234567.sock"])
def test_sockets_of_other_programs_are_never_connected(live: DoorFile, sockets: Path, run_dir: Path, name: str):
    path = sockets.parent / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with closing(listening_socket(path)) as other:
        write_door(replace(live, socket=str(path), run_dir="/elsewhere"), run_dir / DOOR_FILE)
        assert not is_live(replace(live, socket=str(path)))
        read_door(run_dir)
        with pytest.raises(BlockingIOError):
            other.accept()


def test_the_command_for_another_machine_can_be_pasted_into_a_shell(live: DoorFile, run_dir: Path):
    write_door(replace(live, host="node7;id", run_dir="/a $(id)'"), run_dir / DOOR_FILE)
    with pytest.raises(InputError) as raised:
        live_door(run_dir)
    command = str(raised.value).partition("use ")[2].removesuffix(".")
    assert shlex.split(command) == ["jem-tui", "attach", "ssh://node7;id/a $(id)'"]


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"socket": 1}', "[" * 100_000])
def test_malformed_door_files_do_not_count(run_dir: Path, content: str):
    (run_dir / DOOR_FILE).write_text(content)
    assert read_door(run_dir) is None


_VALUES = (
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=3)
)


@given(st.data())
def test_any_field_of_another_type_is_refused_or_a_door(data: st.DataObject):
    good: dict[str, Any] = {
        "protocol": [1, 0],
        "host": "h",
        "socket": "/s.sock",
        "pid": 1,
        "run_dir": "/r",
        "opened": 1,
    }
    good[data.draw(st.sampled_from(sorted(good)))] = data.draw(_VALUES)
    with suppress(ValueError):
        assert isinstance(_checked(good), DoorFile)


def test_a_folder_that_is_a_link_or_open_to_others_is_not_used(sockets: Path, monkeypatch: pytest.MonkeyPatch):
    link, open_, good = sockets.parent / "link", sockets.parent / "open", sockets.parent / "good"
    elsewhere = sockets.parent / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    link.symlink_to(elsewhere)
    open_.mkdir()
    open_.chmod(0o750)
    monkeypatch.setattr(socket_folder, "socket_folders", lambda: [link, open_, good])
    assert new_socket_path().parent == good


def test_a_folder_of_another_user_is_not_used(sockets: Path, monkeypatch: pytest.MonkeyPatch):
    sockets.mkdir(mode=0o700)
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    with pytest.raises(OSError, match="no private folder"):
        new_socket_path()


def test_a_folder_whose_sockets_would_have_too_long_paths_is_not_used(sockets: Path, monkeypatch: pytest.MonkeyPatch):
    long = sockets.parent / ("x" * 100)
    monkeypatch.setattr(socket_folder, "socket_folders", lambda: [long, sockets])
    path = new_socket_path()
    assert path.parent == sockets
    listening_socket(path).close()


def test_the_user_of_the_other_end_is_checked(monkeypatch: pytest.MonkeyPatch):
    one, other = socket.socketpair()
    with one, other:
        assert is_own_peer(one)
        user = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: user + 1)
        assert not is_own_peer(one)


def test_the_runtime_folder_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    folders = socket_folder.socket_folders()
    assert folders[0] == tmp_path / "jem-tui"
    assert tmp_path / "t" / f"jem-tui-{os.getuid()}" in folders
