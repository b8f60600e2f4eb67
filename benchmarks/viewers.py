"""Viewers of a run without a screen: `python -m benchmarks.viewers SOCKET READERS STALLED`, until stdin is closed.

Imports neither torch nor numpy, so that it starts in a fraction of a second. Prints a line once all have joined.
"""

from __future__ import annotations

import socket
import sys
from selectors import EVENT_READ, DefaultSelector

from jem_tui.stream.attach.messages import Join, pack_message


def main(address: str, readers: str, stalled: str) -> None:
    """Join with sockets that read all that arrives, and with sockets that read nothing."""
    selector = DefaultSelector()
    selector.register(sys.stdin, EVENT_READ)
    sockets = [socket.socket(socket.AF_UNIX) for _ in range(int(readers) + int(stalled))]
    for number, connection in enumerate(sockets):
        connection.connect(address)
        connection.sendall(pack_message(Join(author="benchmark")))
        connection.recv(1)
        if number < int(readers):
            selector.register(connection, EVENT_READ)
    print("joined", flush=True)
    while True:
        for key, _ in selector.select():
            if not isinstance(key.fileobj, socket.socket):
                return
            key.fileobj.recv(1 << 20)


if __name__ == "__main__":
    main(*sys.argv[1:])
