"""The program in forked child processes: torch is imported once, and each child starts within a fraction of a second."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from tests.cli.program import SMALL, setting_words
from tests.wait_until import PATIENCE

TRAINER = ("jem_tui.jem.trainer.build", "jem_tui.stream.writer.recorder")
"""Modules that a training run imports after torch."""
FREQUENT_RECORDS = setting_words(
    *SMALL,
    "train.threads=1",
    "record.checkpoint_every=7",
    "record.samples_every=5",
    "record.evaluate_every=10",
)
"""Settings of a small model that evaluates, samples and saves every few steps."""
INTERNAL_ERROR = 70
"""Exit code of a child that raised an exception other than SystemExit (EX_SOFTWARE of sysexits.h)."""


def preload(*modules: str) -> None:
    """Import torch, limited to one thread, and `modules`, for all children that are forked afterwards."""
    import torch

    torch.set_num_threads(1)
    for module in modules:
        importlib.import_module(module)


def count_outcomes(count: int, play: Callable[[Path, int], str]) -> Counter[str]:
    """Call `play` with a temporary folder and each number below `count`; return how often it returned each outcome."""
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            outcomes[play(Path(folder), number)] += 1
    return outcomes


def fork_program(words: list[str], output: Path) -> int:
    """Start the program in a child process that writes stdout and stderr to `output`; return the process id."""

    def run() -> None:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
        call_main(words)

    child = os.fork()
    return child or exit_after(run)


def call_main(words: list[str]) -> None:
    """Run the command line in this process."""
    from jem_tui.cli import main

    sys.argv = ["jem-tui", *words]
    main()


def exit_after(work: Callable[[], None]) -> NoReturn:
    """Run `work` in a forked child, then end the process with the exit code and without exit handlers of the parent."""
    code = INTERNAL_ERROR
    try:
        work()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 0
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def expect_exit(words: list[str], output: Path, *codes: int) -> None:
    """Run the program to its end; assert that the exit code is one of `codes` and that no traceback was printed."""
    code = wait_for_exit(fork_program(words, output), seconds=300.0)
    printed = output.read_text(errors="replace")
    assert code in codes, (words, code, printed[-3000:])
    assert "Traceback" not in printed, (words, printed[-3000:])


def wait_for_exit(child: int, seconds: float = PATIENCE) -> int:
    """Return the exit code of a child process. Kills the child and raises AssertionError if it runs longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while (found := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise AssertionError(f"The process did not end within {seconds:g} seconds.")
        time.sleep(0.02)
    return os.waitstatus_to_exitcode(found[1])
