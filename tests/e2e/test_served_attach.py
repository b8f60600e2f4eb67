"""One run in several tabs of a browser: each tab steers it, and closing a tab detaches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.cli.program import refused
from tests.e2e.served import Server
from tests.e2e.watched_loop import WatchedLoop

pytestmark = pytest.mark.slow


class Tab:
    """A browser tab that keeps what its screen has drawn since the last key."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._drawn = b""

    async def type(self, keys: str) -> None:
        self._drawn = b""
        await self.socket.send_str(json.dumps(["stdin", keys]))

    async def shows(self, *texts: str) -> None:
        """Wait until each text has been drawn."""
        async with asyncio.timeout(30):
            while not all(text.encode() in self._drawn for text in texts):
                message = await self.socket.receive()
                assert message.type not in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE), self._drawn[-500:]
                self._drawn += message.data if message.type is aiohttp.WSMsgType.BINARY else b""


@asynccontextmanager
async def tabs(server: Server, count: int) -> AsyncIterator[list[Tab]]:
    """Open the page in some tabs."""
    origin = {"Origin": f"http://127.0.0.1:{server.port}"}
    async with aiohttp.ClientSession() as browser:
        async with browser.get(server.link) as page:
            assert page.status == 200
        address = f"{server.link.replace('/?', '/ws?')}&width=110&height=30"
        yield [Tab(await browser.ws_connect(address, headers=origin)) for _ in range(count)]


async def test_tabs_of_one_run_steer_it_and_closing_them_detaches(tmp_path: Path):
    loop = WatchedLoop(tmp_path / "run")
    server = Server("attach", loop.folder)
    try:
        assert "all tabs show one run" in server.announcement
        async with tabs(server, 2) as (first, second):
            await first.shows("TRAINING", "attached")
            await second.shows("TRAINING", "attached")
            await first.type("p")
            await first.shows("PAUSED")
            await second.shows("PAUSED")
            await first.socket.close()
            await second.type("p")
            await second.shows("TRAINING")
            await second.type("q")
            await second.shows("Detach", "Stop and save")
        assert await asyncio.to_thread(loop.continues)
        out, _ = await asyncio.to_thread(server.end)
        assert out == "" and server.process.returncode == 0
        assert await asyncio.to_thread(loop.continues)
    finally:
        server.process.kill()
        loop.end()


def test_a_run_that_cannot_be_joined_is_refused_before_a_link_is_printed(tmp_path: Path):
    (tmp_path / "run").mkdir()
    assert "http" not in (err := refused("serve", "attach", tmp_path / "run")) and "no live run" in err
    assert "No such option" in refused("serve", "attach", "--wach")
