"""The screen in a browser on this machine, by textual-serve: one program for each tab."""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

from jem_tui.errors import InputError

HOST = "127.0.0.1"
OURSELVES = frozenset({HOST, "localhost"})


class LocalServer(Server):  # type: ignore[misc]
    """Answers to pages that it has served itself and to no others.

    Any page that is open in the same browser could otherwise connect to it, since a websocket may cross origins.
    """

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Refuse what another page sends, or what reaches this machine by another name."""
        origin = request.headers.get("Origin", "")
        if _name(f"//{request.host}") not in OURSELVES or urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="Only the page that jem-tui serve shows may connect.")
        response: web.WebSocketResponse = await super().handle_websocket(request)
        return response

    async def on_startup(self, app: web.Application) -> None:
        """What there is to say has been said."""

    def initialize_logging(self) -> None:
        """Warnings alone, on stderr."""
        logging.basicConfig(level=logging.WARNING, format="jem-tui: %(message)s")


def _name(url: str) -> str:
    return urlsplit(url).hostname or ""


def serve(words: Sequence[str], port: int) -> None:
    """Serve the program with these arguments until Ctrl-C. Raises InputError if the port cannot be had."""
    command = shlex.join([sys.executable, "-m", "jem_tui", *words])
    server = LocalServer(command, host=HOST, port=port, title=f"jem-tui {shlex.join(words)}")
    try:
        server.serve()
    except OSError as error:
        raise InputError(f"Port {port} of {HOST} cannot be used: {error.strerror}.", "Try another --port.") from error
