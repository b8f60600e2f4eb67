"""The connections of all viewers of a run, on the event loop of the door's thread."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from jem_tui.events.commands import Command
from jem_tui.stream.attach.connection_limit import most_connections
from jem_tui.stream.attach.frames import JSON, FrameParser, ProtocolError
from jem_tui.stream.attach.messages import Join, Refused, pack_message, parse_message
from jem_tui.stream.attach.published_address import PublishedAddress
from jem_tui.stream.attach.run_feed import Arrival, RunFeed
from jem_tui.stream.attach.socket_folder import is_own_peer
from jem_tui.stream.attach.viewer_link import ViewerLink
from jem_tui.stream.attach.viewer_requests import ViewerRequests

TICK = 1 / 30
"""Seconds between two deliveries to viewers."""
IDLE_TICK = 1.0
"""Seconds between two deliveries without a viewer, which only keep memory free."""
CHECK_SECONDS = 5.0
"""Seconds between two checks whether the socket still has its name."""
JOIN_SECONDS = 10.0
"""Seconds in which a connection must send `Join`."""
MOST_VIEWERS = 64
MOST_RECEIVED = 1 << 20
"""Maximum bytes of a frame from a viewer."""
BYTES_PER_SECOND = 32 << 10
"""Maximum bytes a second that a viewer can send, some hundred commands; a faster viewer has to wait."""
AT_ONCE = 8 << 10
"""Maximum bytes of one read from a viewer."""
PATIENCE = 1.0
"""Seconds in which viewers can receive the end of the run."""
STALLED = 30
"""Checks in a row, 10 ms apart, in which no viewer has read a byte, after which none is waited for.

Not a time: on a busy machine, the thread of the door may have had no time to send.
"""


class DoorServer:
    """Accepts viewers, sends them the run, and passes their commands to `send`. Used by one event loop alone, except `wake`."""

    def __init__(
        self, feed: RunFeed, arrivals: deque[Arrival], send: Callable[[Command], None], address: PublishedAddress
    ) -> None:
        self.closed = False
        """True ends `serve` within `IDLE_TICK`, as if the run had ended; any thread may set it."""
        self.sockets: set[socket.socket] = set()
        """The open sockets, which a forked child must close."""
        self._address = address
        self._listener: socket.socket | None = None
        self._checked_at = 0.0
        self._feed = feed
        self._arrivals = arrivals
        self._requests = ViewerRequests(send, lambda: feed.abilities)
        self._links: set[ViewerLink] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._most_connections = most_connections()
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """Deliver at once what has arrived."""
        self._awake.set()

    async def serve(self, listener: socket.socket) -> None:
        """Serve until the run has ended and the viewers have received its end, or have had time to. Closes the listener."""
        self._listen(listener)
        try:
            self._deliver()
            while not (self._feed.ended or self.closed):
                if self._is_lost():
                    self._stop_listening()
                    self._listen(self._address.publish())
                    self._address.write_into_run_folder()
                await self._nap()
                self._deliver()
            self._stop_listening()
            await self._wait_for_viewers()
        finally:
            self._stop_listening()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            # A task that was cancelled before its first step has closed nothing
            for each in self.sockets:
                each.close()
            self.sockets.clear()

    def _listen(self, listener: socket.socket) -> None:
        self._listener = listener
        self.sockets.add(listener)
        asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            asyncio.get_running_loop().remove_reader(listener)
            self.sockets.discard(listener)
            listener.close()

    def _is_lost(self) -> bool:
        """Return whether the socket was removed, which is checked every `CHECK_SECONDS`."""
        now = asyncio.get_running_loop().time()
        if now - self._checked_at < CHECK_SECONDS:
            return False
        self._checked_at = now
        return self._address.is_lost

    async def _nap(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), TICK if self._links else IDLE_TICK)
        self._awake.clear()

    def _deliver(self) -> None:
        """Send to every viewer what has arrived since the last delivery."""
        chunks = self._feed.collect(self._arrivals, has_viewers=any(link.joined for link in self._links))
        if chunks:
            for link in self._links:
                link.offer(chunks)
        arrived, self._feed.samples_arrived = self._feed.samples_arrived, False
        self._requests.send_due(asyncio.get_running_loop().time(), samples_arrived=arrived)

    async def _wait_for_viewers(self) -> None:
        """Wait until all viewers that read have received everything, at most `PATIENCE` seconds."""
        loop = asyncio.get_running_loop()
        deadline, newest, idle = loop.time() + PATIENCE, 0.0, 0
        while idle < STALLED and loop.time() < deadline:
            waiting = [link.moved_at for link in self._links if link.joined and not link.has_all]
            if not waiting:
                return
            idle = idle + 1 if max(waiting) == newest else 0
            newest = max(waiting)
            await asyncio.sleep(0.01)

    def _accept(self, listener: socket.socket) -> None:
        """Accept one viewer, unless it is that of another user or one too many. Not a coroutine: its cancellation could lose an accepted connection."""
        loop = asyncio.get_running_loop()
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            return
        except OSError:
            # Too many open files, for example: another try at once would keep a processor busy
            loop.remove_reader(listener)
            loop.call_later(1.0, self._resume, listener)
            return
        connection.setblocking(False)
        if not is_own_peer(connection):
            connection.close()
            return
        if len(self._tasks) >= self._most_connections:
            _refuse(
                connection, "The run already has as many connections as it accepts. Close a viewer, and attach again."
            )
            connection.close()
            return
        self.sockets.add(connection)
        task = asyncio.create_task(self._serve_viewer(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _resume(self, listener: socket.socket) -> None:
        if listener is self._listener:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    async def _serve_viewer(self, connection: socket.socket) -> None:
        """Serve one viewer until it leaves. No failure of a viewer affects another or the run."""
        link = ViewerLink(connection, self._feed.hello)
        self._links.add(link)
        tasks = [asyncio.create_task(self._receive(link)), asyncio.create_task(link.send())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            self._links.discard(link)
            self._requests.forget(link)
            for error in results:
                if isinstance(error, ProtocolError) and not link.joined:
                    _refuse(connection, str(error))
            self.sockets.discard(connection)
            connection.close()

    async def _receive(self, link: ViewerLink) -> None:
        """Handle what a viewer sends until it leaves. Raises ProtocolError, and OSError."""
        loop = asyncio.get_running_loop()
        parser = FrameParser(MOST_RECEIVED)
        deadline: float | None = loop.time() + JOIN_SECONDS
        while True:
            async with asyncio.timeout_at(deadline):
                data = await loop.sock_recv(link.connection, AT_ONCE)
            if not data:
                return
            for frame in parser.feed(data):
                if frame.kind == JSON:
                    self._handle(link, frame.payload)
            if link.joined:
                deadline = None
                await asyncio.sleep(len(data) / BYTES_PER_SECOND)

    def _handle(self, link: ViewerLink, payload: bytes) -> None:
        """Handle a message. A malformed one is answered if the viewer has joined, else ProtocolError is raised."""
        try:
            message = parse_message(payload)
        except ProtocolError as error:
            if not link.joined:
                raise
            link.answer(Refused(text=str(error)))
            return
        if link.joined:
            self._requests.handle(link, message)
        elif isinstance(message, Join):
            self._join(link, message)
        else:
            raise ProtocolError("A viewer must join the run before it sends other messages.")

    def _join(self, link: ViewerLink, message: Join) -> None:
        if sum(other.joined for other in self._links) >= MOST_VIEWERS:
            raise ProtocolError(f"The run already has {MOST_VIEWERS} viewers, which is the limit.", "Close a viewer.")
        # The others get what has arrived as usual, this viewer as a part of its greeting
        self._deliver()
        link.join(message.author, message.view_only, message.protocol)
        self.wake()


def _refuse(connection: socket.socket, text: str) -> None:
    """Send a sentence to a viewer whose connection is closed."""
    with suppress(OSError):
        connection.send(pack_message(Refused(text=text)))
