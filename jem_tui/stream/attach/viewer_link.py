"""One viewer at the door of a run."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Iterator
from itertools import count

from jem_tui.stream.attach.frames import PROTOCOL, RECORDS, head
from jem_tui.stream.attach.messages import Message, pack_message
from jem_tui.stream.attach.outbox import Outbox
from jem_tui.stream.tfevents.records import MOST_RECORD

_numbers = count(1)
_GROUP_BYTES = 1 << 20
"""Bytes of records in one frame, about."""

Greet = Callable[[bool], tuple[Message, list[bytes]]]
"""A function that returns the `Hello` of this moment, sent again if True, and the records that follow its position."""
Chunk = tuple[bytes, str]
"""Bytes for every viewer, and a name if they replace earlier bytes of that name."""


class ViewerLink:
    """The connection of a viewer, with what waits to be sent. Used by the thread of the door alone."""

    def __init__(self, connection: socket.socket, greet: Greet) -> None:
        self.connection = connection
        self.number = next(_numbers)
        """The number of the viewer among those of this process, counted from 1."""
        self.author = ""
        self.view_only = False
        self.joined = False
        self.protocol = PROTOCOL
        """Version of the protocol of the viewer."""
        self.moved_at = 0.0
        """Time of the event loop at which the viewer last received bytes, or nothing waited for it."""
        self._greet = greet
        self._outbox = Outbox()
        self._greeted = False
        self._owes_hello = False
        self._ready = asyncio.Event()

    @property
    def has_all(self) -> bool:
        """True if nothing waits to be sent."""
        return not self._ready.is_set()

    def join(self, author: str, view_only: bool, protocol: tuple[int, int] = PROTOCOL) -> None:
        """Begin to send the run to the viewer."""
        self.joined, self.author, self.view_only, self.protocol = True, author, view_only, protocol
        self._owes_hello = True
        self._ready.set()

    def offer(self, chunks: Iterable[Chunk]) -> None:
        """Enqueue what the run has emitted. A viewer that is too slow is greeted again once it has read what was sent."""
        if not self.joined or self._owes_hello:
            return
        self._wake()
        for chunk, name in chunks:
            if not self._outbox.put(chunk, name):
                self._owes_hello = True
                return

    def answer(self, message: Message) -> None:
        """Enqueue a message for this viewer alone."""
        self._wake()
        if not self._outbox.put(pack_message(message)):
            self._owes_hello = self.joined

    async def send(self) -> None:
        """Send what waits, for as long as the viewer is connected. Raises OSError."""
        loop = asyncio.get_running_loop()
        while True:
            await self._ready.wait()
            for chunk in self._next_chunks():
                await loop.sock_sendall(self.connection, chunk)
                self.moved_at = loop.time()
            if not self._outbox and not self._owes_hello:
                self._ready.clear()

    def _wake(self) -> None:
        if self.has_all:
            self.moved_at = asyncio.get_running_loop().time()
        self._ready.set()

    def _next_chunks(self) -> Iterator[bytes]:
        if not self._owes_hello:
            yield self._outbox.take()
            return
        hello, frames = self._greet(self._greeted)
        self._owes_hello, self._greeted = False, True
        yield pack_message(hello)
        yield from pack_records(frames)


def pack_records(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Pack records into as few frames of moderate size as possible, without records that no reader of a log accepts."""
    group: list[bytes] = []
    size = 0
    for frame in (frame for frame in frames if len(frame) <= MOST_RECORD):
        if group and size + len(frame) > _GROUP_BYTES:
            yield head(RECORDS, size) + b"".join(group)
            group, size = [], 0
        group.append(frame)
        size += len(frame)
    if group:
        yield head(RECORDS, size) + b"".join(group)
