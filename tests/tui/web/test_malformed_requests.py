"""Requests to the port of the server that are not HTTP."""

from __future__ import annotations

import asyncio
import logging

import pytest
from aiohttp.log import server_logger
from aiohttp.test_utils import TestServer, unused_port

from jem_tui.tui.web.server import LocalServer, shorten_record

HOST = b"Host: 127.0.0.1\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01" + bytes(50),
        b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
        b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
        b"A" * 100_000,
        b"GET / HTTP/1.1\r\n" + HOST + b"\x1b[2J: x\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    ],
    ids=range(6),
)
async def test_it_is_refused_and_logged_in_one_line_at_most(sent: bytes, caplog: pytest.LogCaptureFixture):
    server = LocalServer(["replay", "x"], unused_port(), tabs=1)
    server.initialize_logging()
    try:
        async with TestServer(await server._make_app(), port=server.port):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(sent)
            assert (await reader.readline()).split()[1] in (b"400", b"403")
            writer.close()
    finally:
        server_logger.removeFilter(shorten_record)
    logged = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert all(record.exc_info is None and record.getMessage().isprintable() for record in logged)
