"""The launcher of ranks on this machine: `python -m jem_tui.launch.elastic_ranks N WORDS...` runs `jem-tui WORDS...` N times.

It is a process of its own because it imports torch, whose elastic agent starts the ranks, keeps their store and forwards signals to
them. The exit code is that of rank 0, which all ranks have.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
from collections.abc import Mapping
from typing import Protocol

from jem_tui.errors import EXIT_CODES
from jem_tui.signals import AT_ONCE, ENDING, handle, heeded, leave_at_once

LONGEST_SAVE = 24 * 3600
"""Timeout in seconds for saving and ending after a signal; a second signal ends the ranks earlier."""


class RankEnd(Protocol):
    """The end of a rank."""

    exitcode: int


def main(words: list[str]) -> int:
    """Launch the ranks, wait for their end, and return the exit code."""
    handle(leave_at_once)
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # The ranks report failures themselves
    logging.disable(logging.CRITICAL)
    signals = {number for number in heeded(by_run=True) if number in (*ENDING, *AT_ONCE)}
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=int(words[0]),
        # The agent never deletes its folder of logs, which would be empty
        logs_specs=DefaultLogsSpecs(log_dir=os.devnull),
        run_id=secrets.token_hex(8),
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
        signals_to_handle=",".join(signal.Signals(number).name for number in signals),
        shutdown_timeout=LONGEST_SAVE,
    )
    try:
        elastic_launch(config, sys.executable)("-m", "jem_tui", *words[1:])
    except ChildFailedError as error:
        return code_of(error.failures)
    except SignalException:
        return EXIT_CODES["interrupted"]
    return EXIT_CODES["finished"]


def code_of(failures: Mapping[int, RankEnd]) -> int:
    """Return the exit code of the lowest rank with one; a rank that a signal has ended counts as failed."""
    codes = [failures[rank].exitcode for rank in sorted(failures)]
    return next((code for code in codes if code in EXIT_CODES.values()), EXIT_CODES["failed"])


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
