"""A port that another program has."""

from __future__ import annotations

import socket

import pytest

from jem_tui.errors import InputError
from jem_tui.tui.serve import serve


def test_the_link_is_announced_only_when_the_port_can_be_had():
    announced: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            serve(["replay", "x"], port, 1, announced.append)
    assert announced == []
