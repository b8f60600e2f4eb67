"""Access control of `jem-tui serve`: a token in the link, names of this machine only, and no embedding in other pages."""

from __future__ import annotations

import hmac
import secrets

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HOST = "127.0.0.1"
LOOPBACK = (HOST, "localhost", "[::1]")
TOKEN = "token"
"""Query parameter of the link."""

PAGE_POLICY = (
    # the page has inline scripts and styles; some browsers do not count a websocket as 'self'
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
    """A check of every request before it is handled, and security headers for every response."""

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(24)
        self._cookie = f"jem-tui-{port}"
        """Name of the cookie, with the port, since browsers share cookies between the ports of a host."""
        names = {f"{name}:{port}" for name in LOOPBACK}
        self._hosts = names | set(LOOPBACK) if port == 80 else names

    def protect(self, app: web.Application) -> None:
        """Install the check for all requests, including those without a route."""
        app.middlewares.append(self._admit())
        app.on_response_prepare.append(_add_headers)

    def _admit(self) -> Middleware:
        @web.middleware
        async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.host.lower() not in self._hosts:
                raise web.HTTPForbidden(text="jem-tui serve only answers requests to 127.0.0.1 and localhost.\n")
            if not self._same_origin(request):
                raise web.HTTPForbidden(text="Only the page of jem-tui serve may connect.\n")
            if not self._has_token(request):
                raise web.HTTPForbidden(
                    text="Open the link that jem-tui serve has printed. It contains an access token.\n"
                )
            return await handler(request)

        return admit

    def set_token_cookie(self, response: web.Response) -> None:
        """Set a cookie with the token for later requests of the page; requests from other sites do not carry the cookie."""
        response.set_cookie(self._cookie, self.token, httponly=True, samesite="Strict")

    def _same_origin(self, request: web.Request) -> bool:
        """Return whether a request comes from a page of this server or from no page; a websocket must name its page."""
        named = request.headers.getall("Origin", [])
        is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
        return named == [f"http://{request.host}"] or not (named or is_socket)

    def _has_token(self, request: web.Request) -> bool:
        given = (request.query.get(TOKEN, ""), request.cookies.get(self._cookie, ""))
        return any(hmac.compare_digest(one.encode("utf-8", "replace"), self.token.encode()) for one in given)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY_HEADERS)
