"""A connection of which the first bytes have been read."""

from __future__ import annotations

from jem_tui.stream.attach.connect import ByteStream


class AnsweredStream:
    """A connection that returns bytes which were read from it before, and then continues."""

    def __init__(self, stream: ByteStream, answer: bytes) -> None:
        self._stream = stream
        self._answer = answer

    def read(self) -> bytes:
        """Return the bytes that were read before, at the first call; then as the connection itself."""
        answer, self._answer = self._answer, b""
        return answer or self._stream.read()

    def write(self, data: bytes) -> None:
        """Send all bytes. Raises OSError."""
        self._stream.write(data)

    def end(self) -> None:
        """Interrupt a read or write of any thread that is under way."""
        self._stream.end()

    def close(self) -> None:
        """Release the connection."""
        self._stream.close()

    def end_cause(self) -> str:
        """Return why the connection has ended."""
        return self._stream.end_cause()
