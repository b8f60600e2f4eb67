"""One browser tab: the process of its program, and the messages from its page."""

from __future__ import annotations

import asyncio
import json
import logging
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService

MOST_CELLS = 1000
"""Maximum number of columns or rows of a browser window."""
DRIVER = "jem_tui.tui.web.web_driver:HangupSafeWebDriver"
log = logging.getLogger("jem-tui.serve")


class MalformedError(Exception):
    """A message in a form that the page does not send."""


class BrowserTab(AppService):  # type: ignore[misc]
    """A program in its own process session, so that Ctrl-C at the server reaches it only as the end of its input."""

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

    async def run(self) -> None:
        """Pass the output of the program to the page until either has ended."""
        # Textual's reader of stderr raises this in a tab that is closed before the reader starts; `stop` must continue
        with suppress(asyncio.CancelledError):
            await super().run()

    async def stop(self) -> None:
        """Request the program to save and end, and read its output until then, since it would wait for a reader."""
        await super().stop()
        if self._process is not None:
            await self._process.communicate()


async def relay_messages(websocket: web.WebSocketResponse, tab: BrowserTab) -> None:
    """Pass messages of the page to the program until the socket closes; malformed ones are ignored, and logged once."""
    logged = False
    async for message in websocket:
        if message.type != WSMsgType.TEXT:
            continue
        try:
            await handle_message(message.data, websocket, tab)
        except MalformedError as error:
            if not logged:
                log.warning("A malformed message to the socket was ignored: %s.", error)
            logged = True


async def handle_message(text: str, websocket: web.WebSocketResponse, tab: BrowserTab) -> None:
    """Handle one message of the page. Raises MalformedError."""
    match parse_message(text):
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
            raise MalformedError("the page sends no message of this form")


def parse_message(text: str) -> Any:
    """Parse a message. Raises MalformedError if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not JSON ({type(error).__name__})") from None


def cells(number: int) -> int:
    """Clip a number of columns or rows to 1 … `MOST_CELLS`."""
    return max(1, min(MOST_CELLS, number))
