"""The screen in a browser on this machine, by textual-serve, with one process for each tab."""

from __future__ import annotations

import asyncio
import logging
import re
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from copy import copy
from html import escape

import aiohttp_jinja2
import jinja2
from aiohttp import WSCloseCode, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger
from textual_serve.server import Server, to_int

from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.tui.web.access_guard import HOST, TOKEN, AccessGuard
from jem_tui.tui.web.web_session import BrowserTab, cells, log, relay_messages

FONT = "fonts/RobotoMono-VariableFont_wght.ttf"
LONGEST_REASON = 120
"""Maximum number of logged characters of the reason for which a request is refused."""


def with_own_font(page: str, origin: str, url: str) -> str:
    """Return the page with the font at `url`, and without links to other origins than `origin`."""
    elsewhere = rf"""<link\b[^>]*\bhref=["'](?!{re.escape(origin)}/)(https?:)?//[^>]*>"""
    face = f"@font-face {{ font-family: 'Roboto Mono'; src: url('{url}'); font-weight: 100 700 }}"
    return re.sub(elsewhere, "", page).replace("</head>", f"<style>{face}</style></head>", 1)


def with_title(page: str, title: str) -> str:
    """Return the page with a title for its tab, and without an icon, so that the browser requests none."""
    head = f'<head><title>{escape(title)}</title><link rel="icon" href="data:," />'
    return page.replace("<head>", head, 1)


def with_last_screen(page: str) -> str:
    """Return the page with its note about the end of the program below the last messages of the program, which it would cover."""
    style = """
      .closed-dialog { align-items: flex-end !important; pointer-events: none; }
      .closed-dialog .shade { display: none; }
      .closed-dialog .intro { height: auto; margin: 0; pointer-events: auto; }
    """
    return page.replace("</head>", f"<style>{style}</style></head>", 1)


def with_focus(page: str) -> str:
    """Return the page with a script that gives the terminal the keyboard once it is displayed, so that keys work without a click."""
    script = """
      new MutationObserver((changes, observer) => {
        const keyboard = document.querySelector(".xterm-helper-textarea");
        if (keyboard && document.body.classList.contains("-first-byte")) {
          keyboard.focus();
          observer.disconnect();
        }
      }).observe(document, { attributes: true, childList: true, subtree: true });
    """
    return page.replace("</head>", f"<script>{script}</script></head>", 1)


def with_end_of_server(page: str) -> str:
    """Return the page with a script that, once the program has ended, states whether the server has ended as well."""
    script = """
      new MutationObserver((changes, observer) => {
        if (!document.body.classList.contains("-closed")) return;
        observer.disconnect();
        const check = async () => {
          try {
            await fetch(window.location.pathname, { method: "HEAD", cache: "no-store" });
            setTimeout(check, 2000);
          } catch {
            document.querySelector(".closed-dialog .message").textContent =
              "jem-tui serve has ended. Start it again, and open the link that it prints.";
            document.querySelector(".closed-dialog button").remove();
          }
        };
        check();
      }).observe(document, { attributes: true, childList: true, subtree: true });
    """
    return page.replace("</head>", f"<script>{script}</script></head>", 1)


def shorten_record(record: logging.LogRecord) -> bool:
    """Shorten the log record of a malformed HTTP request to one line, and return True to log it."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        why = printable(" ".join(error.message.split()))[:LONGEST_REASON]
        record.msg, record.args, record.exc_info = "Refused a malformed HTTP request: %s", (why,), None
    return True


class LocalServer(Server):  # type: ignore[misc]
    """A server that runs one program in each of at most `tabs` browser tabs."""

    def __init__(
        self, words: Sequence[str], port: int, tabs: int, announce: Callable[[str], None] = lambda link: None
    ) -> None:
        super().__init__("", host=HOST, port=port, title=f"jem-tui {shlex.join(words)}")
        self._program = [sys.executable, "-m", "jem_tui", *words]
        self._tabs = tabs
        self._announce = announce
        self._open = 0
        self._sockets: set[web.WebSocketResponse] = set()
        self._guard = AccessGuard(port)

    @property
    def link(self) -> str:
        """The link to open in a browser."""
        return f"http://{HOST}:{self.port}/?{TOKEN}={self._guard.token}"

    async def _make_app(self) -> web.Application:
        """Create an application with access control and, unlike Textual's, without a list of files."""
        app = web.Application()
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(self.templates_path))
        app.router.add_get("/", self.handle_index, name="index")
        app.router.add_get("/ws", self.handle_websocket, name="websocket")
        app.router.add_get("/download/{key}", self.handle_download, name="download")
        app.router.add_static("/static", self.statics_path, name="static")
        app.on_shutdown.append(self.on_shutdown)
        self._guard.protect(app)
        return app

    async def handle_index(self, request: web.Request) -> web.Response:
        """Return the page with links to the host name of the request."""
        self._refuse_beyond_limit()
        page = copy(self)
        page.public_url = f"http://{request.host}"
        response: web.Response = await Server.handle_index(page, request)
        font = str(request.app.router["static"].url_for(filename=FONT))
        text = with_own_font(response.text or "", page.public_url, font)
        response.text = with_end_of_server(with_focus(with_last_screen(with_title(text, self.title))))
        self._guard.set_token_cookie(response)
        return response

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the program of one tab until the tab is closed; the program then saves and ends."""
        self._refuse_beyond_limit()
        self._open += 1
        try:
            return await self._run_tab(request)
        finally:
            self._open -= 1

    async def _run_tab(self, request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(heartbeat=15)
        await websocket.prepare(request)
        self._sockets.add(websocket)
        tab = BrowserTab(self._program, websocket, self.download_manager)
        try:
            await tab.start(*(cells(to_int(request.query.get(name, ""), 80)) for name in ("width", "height")))
            await relay_messages(websocket, tab)
        except OSError as error:
            log.warning("Could not start the program of a tab: %s.", error.strerror)
        finally:
            await tab.stop()
            await websocket.close()
            self._sockets.discard(websocket)
        return websocket

    async def on_shutdown(self, app: web.Application) -> None:
        """Close every tab, so that its program saves and ends."""
        await asyncio.gather(*(websocket.close(code=WSCloseCode.GOING_AWAY) for websocket in self._sockets))

    def _refuse_beyond_limit(self) -> None:
        if self._open >= self._tabs:
            text = f"{self._tabs} tabs are open, which is the limit. Close a tab, or start jem-tui serve with a larger --tabs."
            log.warning("%s", text)
            raise web.HTTPServiceUnavailable(text=f"{text}\n")

    def serve(self, debug: bool = False) -> None:
        """Serve until Ctrl-C, and announce the link once the port is open. Raises OSError if the port cannot be opened."""
        self.initialize_logging()
        loop = asyncio.new_event_loop()
        with suppress(NotImplementedError):
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.request_exit)
        web.run_app(
            self._make_app(),
            host=self.host,
            port=self.port,
            handle_signals=False,
            loop=loop,
            print=lambda *lines: self._announce(self.link),
        )

    def initialize_logging(self) -> None:
        """Log warnings on stderr, one line each."""
        logging.basicConfig(level=logging.WARNING, format="jem-tui: %(message)s", stream=sys.stderr)
        server_logger.addFilter(shorten_record)


def serve(words: Sequence[str], port: int, tabs: int, announce: Callable[[str], None]) -> None:
    """Serve the program with the arguments `words` until Ctrl-C, and announce the link. Raises InputError for an unusable port."""
    server = LocalServer(words, port, tabs, announce)
    try:
        # the output of a program is not a result of this command
        with redirect_stdout(sys.stderr):
            server.serve()
    except OSError as error:
        raise InputError(f"Port {port} of {HOST} cannot be used: {error.strerror}.", "Try another --port.") from error
