"""A server of pages within the process of a test."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient

from jem_tui.tui.web.access_guard import SECURITY_HEADERS
from jem_tui.tui.web.server import LocalServer
from tests.wait_until import PATIENCE

SECONDS = int(PATIENCE)


class Served:
    """A server and a browser that knows its address."""

    def __init__(self, server: LocalServer, client: TestClient[Any, Any], folder: Path) -> None:
        self.port = server.port
        self.token = server._guard.token
        self.client = client
        self.folder = folder

    async def get(self, path: str, host: str = "", **headers: str) -> tuple[int, str]:
        async with self.client.get(path, headers={"Host": host or self.name(), **headers}) as response:
            assert SECURITY_HEADERS.items() <= dict(response.headers).items()
            return response.status, await response.text()

    async def page(self) -> tuple[int, str]:
        """Open the link as a person does."""
        return await self.get(f"/?token={self.token}")

    def name(self, name: str = "127.0.0.1") -> str:
        return f"{name}:{self.port}"

    async def socket(self, origin: str = "", host: str = "") -> ClientWebSocketResponse:
        headers = {"Host": host or self.name(), "Origin": origin or f"http://{host or self.name()}"}
        return await self.client.ws_connect("/ws?width=90&height=30", headers=headers)

    async def files(self, pattern: str, count: int) -> list[Path]:
        """Wait until the programs have written `count` files."""
        for _ in range(SECONDS * 50):
            if len(found := list(self.folder.glob(pattern))) >= count:
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"there never were {count} {pattern}")

    async def admits(self) -> None:
        """Wait until another tab can be opened."""
        for _ in range(SECONDS * 50):
            if (await self.page())[0] == 200:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("no place ever became free")
