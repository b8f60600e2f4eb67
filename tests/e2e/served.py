"""`jem-tui serve` as a process, and its link."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from pathlib import Path


class Server:
    """The server, from its announcement on."""

    def __init__(self, *words: object, cwd: Path | None = None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "jem_tui", "serve", "--port", str(self.port), *map(str, words)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd)
        assert self.process.stderr is not None
        self.said = self.process.stderr.readline()
        self.link = re.findall(r"http://\S+", self.said)[0]
        listening = threading.Event()
        threading.Thread(target=self._wait, args=(listening,), daemon=True).start()
        assert listening.wait(30), "the server never answered"

    def _wait(self, listening: threading.Event) -> None:
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                listening.wait(0.05)
                continue
            listening.set()
            return

    def end(self) -> tuple[str, str]:
        """Ask for the end of the server; return stdout and stderr."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=40)
        return out, self.said + err
