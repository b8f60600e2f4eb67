"""The port of the server: one that another program has, and one that is named in the wrong place."""

from __future__ import annotations

import socket

import pytest

from jem_tui.cli.serving import serve as command
from jem_tui.errors import InputError
from jem_tui.tui.web.server import serve


def test_the_link_is_announced_only_when_the_port_can_be_had():
    announced: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            serve(["replay", "x"], port, 1, announced.append)
    assert announced == []


@pytest.mark.parametrize("words", [["--port", "8001"], ["--port=8001"], ["x", "--tabs", "2"]])
@pytest.mark.parametrize("served", ["train", "replay"])
def test_an_option_of_the_server_after_the_command_is_refused(served: str, words: list[str]):
    with pytest.raises(InputError, match=rf"--\w+ must precede {served}\. Write jem-tui serve --\w+ N {served}"):
        command.serve([served, *words])
