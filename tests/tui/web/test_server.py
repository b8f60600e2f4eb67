"""Access to `jem-tui serve`, its page, and the life of its programs."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer, unused_port

from jem_tui.tui.web.access_guard import SECURITY_HEADERS
from jem_tui.tui.web.server import LocalServer
from jem_tui.tui.web.web_session import BrowserTab
from tests.tui.web.served_page import SECONDS, Served

PROGRAM = """
import os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
(folder / f"begun-{os.getpid()}").touch()
os.write(1, b"__GANGLION__\\nD\\x00\\x00\\x00\\x05drawn")
received = b""
while b'"quit"' not in received and (data := os.read(0, 1000)):
    received += data
for _ in range(500):
    os.write(1, b"D\\x00\\x00\\x0f\\xff" + bytes(4095))
unfinished = folder / f"unfinished-{os.getpid()}"
unfinished.write_bytes(received)
unfinished.rename(folder / f"saved-{os.getpid()}")
"""
"""Speaks the protocol of Textual's driver for the web, and saves when it receives a quit message or when its input ends."""

PATHS = ("/", "/ws", "/static/", "/static/js/textual.js", "/download/x", "/nope", "/static/../nope")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    server = LocalServer(["replay", "x"], unused_port(), tabs=2)
    server._program = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    async with TestClient(TestServer(await server._make_app(), port=server.port)) as client:
        yield Served(server, client, tmp_path)


@pytest.mark.parametrize("path", PATHS)
async def test_without_the_token_every_path_is_refused(served: Served, path: str):
    for given_token in ("", "?token=", f"?token={served.token[:-1]}", f"?token={served.token}x", "?token=%ff%ed%a0%80"):
        assert (await served.get(path + given_token))[0] == 403
    assert (await served.get(path, Cookie=f"jem-tui-{served.port}=x"))[0] == 403


@pytest.mark.parametrize("path", PATHS)
async def test_other_names_and_other_pages_are_refused_even_with_the_token(served: Served, path: str):
    await served.page()
    port = served.port
    for host in (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1",
        f"127.0.0.1:{port + 1}",
        f"127.0.0.1.evil:{port}",
    ):
        assert (await served.get(f"{path}?token={served.token}", host))[0] == 403
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{port}", f"http://localhost:{port}"):
        assert (await served.get(f"{path}?token={served.token}", Origin=origin))[0] == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
async def test_the_page_works_by_every_name_of_this_machine(served: Served, name: str):
    host = served.name(name)
    status, text = await served.get(f"/?token={served.token}", host)
    assert status == 200
    assert re.findall(r'"(ws:[^"]*)"', text) == [f"ws://{host}/ws"]
    assert f'"http://{host}/static/' in text


async def test_the_page_loads_nothing_from_elsewhere_and_its_font_from_the_server(served: Served):
    _, text = await served.page()
    loaded = re.findall(r"""(?:href|src)=["']([^"']*)|url\(["']?([^"')]*)""", text)
    places = [place for place in (href or url for href, url in loaded) if not place.startswith("data:")]
    assert places and all(place.startswith((f"http://{served.name()}/static/", "/static/")) for place in places)
    assert any(place.endswith(".ttf") for place in places)
    for place in places:
        async with served.client.get(place.removeprefix(f"http://{served.name()}")) as response:
            assert response.status == 200
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "https:" not in policy and "http:" not in policy


async def test_what_the_page_loads_needs_no_token_of_its_own_and_folders_are_not_listed(served: Served):
    await served.page()
    assert (await served.get("/static/js/textual.js"))[0] == 200
    assert (await served.get("/static/"))[0] in (403, 404)
    assert (await served.get("/nope"))[0] == 404
    assert (await served.get("/download/x"))[0] == 404


async def test_a_tab_draws_obeys_and_is_saved_when_it_is_closed(served: Served):
    await served.page()
    socket = await served.socket()
    message = await socket.receive(SECONDS)
    assert (message.type, message.data) == (WSMsgType.BINARY, b"drawn")
    await socket.send_json(["stdin", "é\ud800"])
    await socket.send_json(["resize", {"width": 0, "height": 10**30}])
    await socket.send_json(["ping", 7])
    assert await socket.receive_json(timeout=SECONDS) == ["pong", 7]
    await socket.close()
    received = (await served.files("saved-*", 1))[0].read_bytes()
    assert "é?".encode() in received
    assert b'{"type": "resize", "width": 1, "height": 1000}' in received


async def test_the_page_has_a_title_and_asks_for_no_icon(served: Served):
    _, text = await served.page()
    assert "<title>jem-tui replay x</title>" in text and 'rel="icon" href="data:,"' in text


async def test_a_lost_browser_leaves_a_saved_program_and_a_free_tab(served: Served):
    await served.page()
    sockets = [await served.socket() for _ in range(2)]
    for socket in sockets:
        # unlike `serve`, the server of the test cancels the handler of a lost connection, even while a program starts
        await socket.receive(SECONDS)
    for socket in sockets:
        socket._response.connection.transport.abort()
    await served.files("saved-*", 2)
    await served.admits()


async def test_a_page_that_closes_before_the_first_output_leaves_a_saved_program(served: Served, tmp_path: Path):
    server = LocalServer(["replay", "x"], unused_port(), tabs=1)
    socket = AsyncMock(send_bytes=AsyncMock(side_effect=ConnectionResetError))
    tab = BrowserTab([sys.executable, "-c", PROGRAM, str(tmp_path)], socket, server.download_manager)
    process = await tab._open_app_process()
    await served.files("begun-*", 1)
    await asyncio.sleep(0.5)  # the output is waiting, so that its reader ends before that of stderr has begun
    tab._task = asyncio.create_task(tab.run())
    await asyncio.wait_for(tab.stop(), SECONDS)
    assert process.returncode == 0 and len(list(tmp_path.glob("saved-*"))) == 1


async def test_no_page_but_its_own_opens_a_socket(served: Served):
    await served.page()
    for origin in ("http://evil.example", "null", f"http://localhost:{served.port}"):
        with pytest.raises(WSServerHandshakeError, match="403"):
            await served.socket(origin)
    with pytest.raises(WSServerHandshakeError, match="403"):
        await served.client.ws_connect("/ws", headers={"Host": served.name()})
    assert not list(served.folder.iterdir())


async def test_beyond_the_limit_a_sentence_and_no_program(served: Served):
    await served.page()
    first, _ = [await served.socket() for _ in range(2)]
    await served.files("begun-*", 2)
    status, text = await served.page()
    assert status == 503 and "2 tabs are open" in text
    with pytest.raises(WSServerHandshakeError, match="503"):
        await served.socket()
    await first.close()
    await served.files("saved-*", 1)
    await served.admits()
    assert len(list(served.folder.glob("begun-*"))) == 2


async def test_malformed_messages_are_one_line_and_the_tab_stays(served: Served, caplog: pytest.LogCaptureFixture):
    await served.page()
    socket = await served.socket()
    with caplog.at_level(logging.WARNING):
        for text in ("{", "7", "[]", '{"a": 1}', '["stdin", 7]', '["resize", {"width": "x"}]', "[" * 100_000):
            await socket.send_str(text)
        await socket.send_bytes(b"\x00")
        await socket.send_json(["ping", 1])
        while (await socket.receive(SECONDS)).type != WSMsgType.TEXT:
            pass
    assert [record.name for record in caplog.records] == ["jem-tui.serve"]
    assert "\n" not in caplog.text.strip() and "Traceback" not in caplog.text


async def test_the_end_of_the_server_saves_every_program(tmp_path: Path):
    server = LocalServer(["replay", "x"], unused_port(), tabs=2)
    server._program = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    client = TestClient(TestServer(await server._make_app(), port=server.port))
    await client.start_server()
    served = Served(server, client, tmp_path)
    await served.page()
    for _ in range(2):
        await served.socket()
    await served.files("begun-*", 2)
    await client.close()
    await served.files("saved-*", 2)
