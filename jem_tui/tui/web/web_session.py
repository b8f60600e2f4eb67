"""One browser tab: the process of its program, and the messages from its page."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService

from jem_tui.printable import printable

MOST_CELLS = 1000
"""Maximum number of columns or rows of a browser window."""
MOST_SHOWN = 4000
"""Maximum number of bytes of stderr that the page displays at the end of a program."""
PATIENCE = 2.0
"""Seconds to wait for the last messages of a program that has ended."""
LEAVE_SCREEN = "\x1b[0m\x1b[?1049l\x1b[?25h"
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
        self._task: asyncio.Task[None] | None = None

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(width, height) | {"TEXTUAL_DRIVER": DRIVER}
        self._process = process = await asyncio.create_subprocess_exec(
            *self._words, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True
        )
        self._stdin = process.stdin
        return process

    async def run(self) -> None:
        """Pass the output of the program to the page until either has ended; then also what the program has printed on stderr."""
        assert self._process is not None and self._process.stdout is not None and self._process.stderr is not None
        printed_bytes = bytearray()
        printed = asyncio.create_task(pass_on(self._process.stderr, printed_bytes))
        try:
            await self._relay(self._process.stdout)
            # a process that the program has left behind can keep stderr open
            await asyncio.wait([printed], timeout=PATIENCE)
            text = printed_bytes.decode("utf-8", "replace") + ending(await self._exit_code())
            await self.remote_write_bytes(last_messages(text))
            await self.remote_close()
        except (ConnectionError, asyncio.CancelledError):
            # the page is closed; `stop` must continue
            pass
        finally:
            printed.cancel()
            with suppress(asyncio.CancelledError):
                await printed

    async def _exit_code(self) -> int:
        """Return the exit code of the program, 0 if it has closed its output without ending."""
        assert self._process is not None
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._process.wait(), PATIENCE)
        return 0

    async def _relay(self, output: asyncio.StreamReader) -> None:
        """Pass packets of Textual's protocol to the page until the end of the output, also those of further apps of the process."""
        handlers = {b"D": self.on_data, b"M": self.on_meta, b"P": self.on_packed}
        with suppress(asyncio.IncompleteReadError):
            while True:
                handler = handlers.get(await output.readexactly(1))
                if handler is None:
                    # the line with which an app begins, or text that is no part of the protocol; a long line raises ValueError
                    with suppress(ValueError):
                        await output.readline()
                    continue
                size = int.from_bytes(await output.readexactly(4), "big")
                await handler(await output.readexactly(size))

    async def on_meta(self, data: bytes) -> None:
        """Handle a message of an app. The end of an app is not the end of the program, which can show another one."""
        if json.loads(data)["type"] != "exit":
            await super().on_meta(data)

    async def stop(self) -> None:
        """Request the program to save and end, and read its output until then, since it would wait for a reader.

        The end of the input also ends an app that the program shows after the one that has received the request.
        """
        if self._task is not None:
            await self._download_manager.cancel_app_downloads(app_service_id=self.app_service_id)
            await self.send_meta({"type": "quit"})
            self.stdin.close()
            await self._task
            self._task = None
        if self._process is not None:
            await self._process.communicate()


async def pass_on(output: asyncio.StreamReader, last: bytearray) -> None:
    """Print on stderr what a program prints there, and keep the last `MOST_SHOWN` bytes in `last`."""
    while data := await output.read(4096):
        sys.stderr.write(data.decode("utf-8", "replace"))
        sys.stderr.flush()
        last.extend(data)
        del last[:-MOST_SHOWN]


def ending(code: int) -> str:
    """Return a line on the end of a program that a signal has killed, by its negative exit code; "" for other codes, which the program explains."""
    if code >= 0:
        return ""
    name = next((known.name for known in signal.Signals if known == -code), f"signal {-code}")
    cause = ", which the system sends where memory is short" if -code == signal.SIGKILL else ""
    return f"\njem-tui was killed by {name}{cause}. Press Restart, or reload the page, to start it again."


def last_messages(text: str) -> bytes:
    """Return the bytes with which a terminal leaves the screen of a program that has ended, and displays what it has printed."""
    lines = [printable(line) for line in text.splitlines()]
    return "\r\n".join([LEAVE_SCREEN, *lines, ""]).encode()


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
