"""Browser tabs of `jem-tui serve`, without a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from tests.e2e.served import Server


class Tab:
    """A browser tab that keeps what its screen has drawn since the last key."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._drawn = b""

    async def type(self, keys: str) -> None:
        self._drawn = b""
        await self.socket.send_str(json.dumps(["stdin", keys]))

    async def resize(self, columns: int, rows: int) -> None:
        await self.socket.send_str(json.dumps(["resize", {"width": columns, "height": rows}]))

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
