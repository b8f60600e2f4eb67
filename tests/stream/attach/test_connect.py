"""Connections through a socket and through a command."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.stream.attach import connect
from jem_tui.stream.attach.connect import connect_process, connect_socket
from jem_tui.stream.attach.socket_folder import listening_socket


def test_a_command_echoes_bytes_and_is_ended_with_its_children():
    stream = connect_process(["sh", "-c", "cat; sleep 60"])
    stream.write(b"abc")
    assert stream.read() == b"abc"
    threading.Timer(0.1, stream.end).start()
    assert stream.read() == b""
    stream.close()
    stream.close()
    with pytest.raises(OSError):
        stream.write(b"late")


def test_the_end_of_a_command_names_its_exit_code_and_last_line():
    stream = connect_process(["sh", "-c", "echo first >&2; echo 'Permission denied\x1b[2J.' >&2; exit 7"])
    assert stream.read() == b""
    cause = stream.end_cause()
    stream.close()
    assert "7" in cause and r"Permission denied\x1b[2J" in cause and "first" not in cause


def test_a_command_that_does_not_exist_is_refused_in_a_sentence():
    with pytest.raises(InputError, match="Could not start"):
        connect_process(["/no/such/command"])


@pytest.mark.parametrize("kind", ["command", "socket"])
def test_a_silent_connection_times_out(kind: str, sockets: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connect, "SILENT_SECONDS", 0.05)
    sockets.mkdir(mode=0o700, exist_ok=True)
    with listening_socket(sockets / "silent.sock"):
        stream = connect_process(["sleep", "60"]) if kind == "command" else connect_socket(sockets / "silent.sock")
        with pytest.raises(TimeoutError):
            stream.read()
        stream.end()
        stream.close()


def test_a_missing_socket_is_an_os_error(sockets: Path):
    with pytest.raises(FileNotFoundError):
        connect_socket(sockets / "gone.sock")
