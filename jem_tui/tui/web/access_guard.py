"""Access to the server of `jem-tui serve`: for whoever has the link, on this machine's own names, in no frame of another page."""

from __future__ import annotations

import hmac
import secrets

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HOST = "127.0.0.1"
LOOPBACK = (HOST, "localhost", "[::1]")
TOKEN = "token"
"""Parameter of the link."""

PAGE_POLICY = (
    # the page has scripts and styles in its text; some browsers do not count a websocket as 'self'
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self' ws://127.0.0.1:* ws://localhost:*; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class AccessGuard:
    """A check of every request before anything else gets it, with security headers on every response."""

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(24)
        self._cookie = f"jem-tui-{port}"
        """Browsers keep the cookies of all ports of a name together."""
        names = {f"{name}:{port}" for name in LOOPBACK}
        self._hosts = names | set(LOOPBACK) if port == 80 else names

    def protect(self, app: web.Application) -> None:
        """Put the guard in front of all routes, those that do not exist included."""
        app.middlewares.append(self._admit())
        app.on_response_prepare.append(_add_headers)

    def _admit(self) -> Middleware:
        @web.middleware
        async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.host.lower() not in self._hosts:
                raise web.HTTPForbidden(text="jem-tui serve answers to the names of this machine alone.\n")
            if not self._same_origin(request):
                raise web.HTTPForbidden(text="Only the page that jem-tui serve shows may connect.\n")
            if not self._has_token(request):
                raise web.HTTPForbidden(text="Open the link that jem-tui serve has printed: it holds a token.\n")
            return await handler(request)

        return admit

    def admit_later(self, response: web.Response) -> None:
        """Have the browser send the token with what the page loads; pages of other sites cannot make it do so."""
        response.set_cookie(self._cookie, self.token, httponly=True, samesite="Strict")

    def _same_origin(self, request: web.Request) -> bool:
        """Return whether the request comes from a page of this server, or from none. A websocket always names its page."""
        named = request.headers.getall("Origin", [])
        is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
        return named == [f"http://{request.host}"] or not (named or is_socket)

    def _has_token(self, request: web.Request) -> bool:
        given = (request.query.get(TOKEN, ""), request.cookies.get(self._cookie, ""))
        return any(hmac.compare_digest(one.encode("utf-8", "replace"), self.token.encode()) for one in given)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY_HEADERS)
