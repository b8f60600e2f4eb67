"""The ranks of a run in forked processes: torch is imported once, and each rank starts within a fraction of a second.

The environment of each rank is the one that torchrun or srun gives. Tests of torchrun itself use `MarkedRun`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.e2e.forked_program import call_main
from tests.ranks.on_ranks import PRELOADED

SECONDS = 60.0
"""Seconds after which ranks that have not ended fail the test."""
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(PRELOADED)


class ForkedRanks:
    """A training run of several processes, whose output is in files. The processes end with the `with` block."""

    def __init__(
        self,
        folder: Path,
        *words: object,
        ranks: int = 2,
        call: Callable[[list[str]], None] = call_main,
        **environment: str,
    ) -> None:
        """Start `ranks` processes that `call` the program with these words; each writes to `folder`/rank0.out and so on."""
        folder.mkdir(parents=True, exist_ok=True)
        self.outputs = [folder / f"rank{rank}.out" for rank in range(ranks)]
        shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": str(ranks), **environment}
        self.processes = [
            FORKS.Process(
                target=run_program,
                args=(call, [*map(str, words)], output, shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)}),
                daemon=True,
            )
            for rank, output in enumerate(self.outputs)
        ]
        for process in self.processes:
            process.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with ExitStack() as stack:
            for process in self.processes:
                stack.callback(process.join, SECONDS)
                stack.callback(process.kill)

    def end(self, seconds: float = SECONDS) -> list[int]:
        """Wait until all ranks have ended; return their exit codes. Raises AssertionError with their output at the deadline."""
        deadline = time.monotonic() + seconds
        for process in self.processes:
            process.join(max(0.0, deadline - time.monotonic()))
            assert process.exitcode is not None, self.printed()
        return [process.exitcode or 0 for process in self.processes]

    def signal(self, rank: int, number: signal.Signals) -> None:
        """Send a signal to one rank."""
        pid = self.processes[rank].pid
        assert pid is not None
        os.kill(pid, number)

    def printed(self) -> str:
        """Return the output of all ranks."""
        texts = [path.read_text(errors="replace") if path.exists() else "" for path in self.outputs]
        return "\n".join(f"--- rank {rank}\n{text[-4000:]}" for rank, text in enumerate(texts))


def finished(
    folder: Path,
    *words: object,
    ranks: int = 2,
    call: Callable[[list[str]], None] = call_main,
    **environment: str,
) -> ForkedRanks:
    """Run ranks to their end, which must be exit code 0 on each without a traceback."""
    with ForkedRanks(folder, *words, ranks=ranks, call=call, **environment) as run:
        assert run.end() == [0] * ranks, run.printed()
    assert "Traceback" not in run.printed(), run.printed()
    return run


def free_port() -> int:
    """Return a TCP port that no process uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def run_program(
    call: Callable[[list[str]], None], words: list[str], output: Path, environment: Mapping[str, str]
) -> None:
    """Call the program in this process, with stdout and stderr in the file `output`."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number in (1, 2):
        os.dup2(descriptor, number)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(environment)
    call(words)
