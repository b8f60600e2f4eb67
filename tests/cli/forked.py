"""The program in processes forked from a server that imports torch once; tests of starts and imports use `program`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

from tests.e2e.forked_program import call_main
from tests.ranks.on_ranks import PRELOADED

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(PRELOADED)


class ForkedProgram:
    """A running command, with the attributes and methods of `subprocess.Popen[str]` that tests use."""

    def __init__(self, *args: object) -> None:
        """Start the command in the current folder, with the current variables of the environment."""
        ends = [os.pipe() for _ in range(2)]
        self.stdout, self.stderr = (os.fdopen(reader, encoding="utf-8") for reader, _ in ends)
        written = tuple(DescriptorOfChild(writer) for _, writer in ends)
        self._process = FORKS.Process(target=_run, args=([*map(str, args)], written, Path.cwd(), dict(os.environ)))
        self._process.daemon = True
        self._process.start()
        for _, writer in ends:
            os.close(writer)

    @property
    def pid(self) -> int:
        """The id of the process."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, None while the process runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return the exit code, None while the process runs."""
        return self.returncode

    def wait(self, timeout: float = 60.0) -> int:
        """Return the exit code once the process has ended. Raises TimeoutExpired if it runs longer than `timeout` seconds."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("jem-tui", timeout)
        return self.returncode

    def communicate(self, timeout: float = 60.0) -> tuple[str, str]:
        """Return what stdout and stderr still hold at the end of the process, which is killed after `timeout` seconds."""
        with ThreadPoolExecutor(2) as pool:
            texts = [pool.submit(stream.read) for stream in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            return texts[0].result(), texts[1].result()

    def send_signal(self, number: int) -> None:
        """Send a signal to the process, if it has not ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the process, if it has not ended."""
        self._process.kill()


class DescriptorOfChild:
    """A file descriptor that the server of forks hands to the child."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return (_detached, (DupFd(self._descriptor),))


def _detached(passed: Any) -> int:
    number: int = passed.detach()
    return number


def forked(*args: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    program = ForkedProgram(*args)
    out, err = program.communicate(300.0)
    return subprocess.CompletedProcess([*map(str, args)], program.wait(), out, err)


def _run(words: list[str], written: tuple[int, int], folder: Path, environment: Mapping[str, str]) -> None:
    """Call the command line in this child, with the signals, the folder and the variables of a new process."""
    for number, descriptor in enumerate(written, 1):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
    for name in ("SIGTERM", "SIGHUP", "SIGQUIT"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # `python -m` puts the current folder first, from which modules of the user are imported
    sys.path.insert(0, str(folder))
    call_main(words)
