"""`jem-tui serve` as a process."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

from tests.wait_until import PATIENCE, wait_until


class Server:
    """A server process with its port and its link, ready for connections."""

    def __init__(self, *words: object, cwd: Path | None = None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "jem_tui", "serve", "--port", str(self.port), *map(str, words)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd)
        assert self.process.stderr is not None
        # `communicate` would lose the second line, which the first read leaves in the buffer
        self.announcement = self.process.stderr.readline() + self.process.stderr.readline()
        self.link = re.findall(r"http://\S+", self.announcement)[0]
        wait_until(self._accepts_connections, "the server does not accept connections")

    def _accepts_connections(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def end(self) -> tuple[str, str]:
        """Terminate the server; return stdout and stderr."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=PATIENCE)
        return out, self.announcement + err
