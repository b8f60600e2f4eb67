"""A folder of sockets of its own for each test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jem_tui.stream.attach import socket_folder


@pytest.fixture(autouse=True)
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the only folder of sockets, whose path is short enough for sockets; nothing else may be in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        folder = Path(short, "jem-tui")
        monkeypatch.setattr(socket_folder, "socket_folders", lambda: [folder])
        yield folder
