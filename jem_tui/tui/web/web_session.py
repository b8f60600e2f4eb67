"""One tab of the browser: a program of its own, and the messages that the page sends to it."""

from __future__ import annotations

import asyncio
import json
import logging
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import Any

from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService

MOST_CELLS = 1000
"""Columns or rows of a browser's window."""
DRIVER = "jem_tui.tui.web.web_driver:HangupSafeWebDriver"
log = logging.getLogger("jem-tui.serve")


class MalformedError(Exception):
    """A message that the page never sends."""


class BrowserTab(AppService):  # type: ignore[misc]
    """A program without a shell, in a session of its own: Ctrl-C at the server reaches the program once, as the end of its input."""

    def __init__(self, words: Sequence[str], websocket: web.WebSocketResponse, downloads: Any) -> None:
        super().__init__(
            "",
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=websocket.close,
            download_manager=downloads,
        )
        self._words = words

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(width, height) | {"TEXTUAL_DRIVER": DRIVER}
        self._process = process = await asyncio.create_subprocess_exec(
            *self._words, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True
        )
        self._stdin = process.stdin
        return process

    async def stop(self) -> None:
        """Ask the program to save and end, and read what it still draws until it has ended: it would wait for a reader."""
        await super().stop()
        if self._process is not None:
            await self._process.communicate()


async def obey(websocket: web.WebSocketResponse, tab: BrowserTab) -> None:
    """Pass on what the page sends until it goes away; what is malformed is left out, and logged once."""
    complained = False
    async for message in websocket:
        if message.type != WSMsgType.TEXT:
            continue
        try:
            await pass_on(message.data, websocket, tab)
        except MalformedError as error:
            if not complained:
                log.warning("A malformed message to the socket was ignored: %s.", error)
            complained = True


async def pass_on(text: str, websocket: web.WebSocketResponse, tab: BrowserTab) -> None:
    """Do what one message says. Raises MalformedError."""
    match parsed(text):
        case ["stdin", str(keys)]:
            await tab.send_bytes(keys.encode("utf-8", "replace"))
        case ["resize", {"width": int(width), "height": int(height)}]:
            await tab.set_terminal_size(cells(width), cells(height))
        case ["ping", data]:
            await websocket.send_json(["pong", data])
        case ["blur", *_]:
            await tab.blur()
        case ["focus", *_]:
            await tab.focus()
        case _:
            raise MalformedError("it is none that the page sends")


def parsed(text: str) -> Any:
    """Return the message's content. Raises MalformedError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"it is no JSON ({type(error).__name__})") from None


def cells(number: int) -> int:
    """Return a size that a window can have."""
    return max(1, min(MOST_CELLS, number))
