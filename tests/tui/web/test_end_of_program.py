"""Output of a program up to its end, with several apps or with none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from aiohttp import WSMsgType
from aiohttp.test_utils import TestClient, TestServer, unused_port

from jem_tui.tui.web.server import LocalServer
from jem_tui.tui.web.web_session import ending
from tests.tui.web.served_page import SECONDS, Served

FAILING = """
import os, sys
os.write(2, b"jem-tui: The folder is \\x1b]0;taken.\\n")
sys.exit(2)
"""
TWO_APPS = """
import os
for app in (b"first", b"other"):
    os.write(1, b"__GANGLION__\\nD\\x00\\x00\\x00\\x05" + app + b'M\\x00\\x00\\x00\\x10{"type": "exit"}')
"""
KILLED = """
import os, signal
os.write(2, b"half a line")
os.kill(os.getpid(), signal.SIGKILL)
"""
LONG_LINE = "import os; os.write(1, b'_' * 300_000 + b'\\n')\n" + TWO_APPS


@pytest.mark.parametrize(
    ("program", "texts"),
    [
        (FAILING, [b"The folder is ", b"taken.\r\n"]),
        (TWO_APPS, [b"first", b"other"]),
        (
            KILLED,
            [b"half a line\r\n", b"killed by SIGKILL, which the system sends where memory is short. Press Restart"],
        ),
        (LONG_LINE, [b"first", b"other"]),
    ],
)
async def test_a_page_shows_all_apps_of_a_program_and_its_last_messages(
    tmp_path: Path, program: str, texts: list[bytes]
):
    server = LocalServer(["replay", "x"], unused_port(), tabs=1)
    server._program = [sys.executable, "-c", program]
    async with TestClient(TestServer(await server._make_app(), port=server.port)) as client:
        served = Served(server, client, tmp_path)
        await served.page()
        socket, drawn = await served.socket(), b""
        while (message := await socket.receive(SECONDS)).type is WSMsgType.BINARY:
            drawn += message.data
        assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED)
        assert all(text in drawn for text in texts) and b"\x1b]" not in drawn


@pytest.mark.parametrize(
    ("code", "named"), [(0, ""), (3, ""), (-15, "killed by SIGTERM."), (-40, "killed by signal 40")]
)
def test_only_a_signal_is_named_as_the_end_of_a_program(code: int, named: str):
    assert named in ending(code) and bool(ending(code)) == bool(named)
