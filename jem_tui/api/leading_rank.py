"""Ranks of one run: rank 0 opens the source of the run, and the other ranks repeat its calls."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError, JemError

if TYPE_CHECKING:
    from jem_tui.events.commands import Command
    from jem_tui.events.run import Event, ReportProgress
    from jem_tui.jem.ranks.rank_process import RankProcess
    from jem_tui.stream.drive import Sink, Source

SILENT_WAIT = 10.0
"""Seconds after which a rank other than 0 names what it waits for."""
WAITING = "waiting for the other ranks"


def rank_and_size(environment: Mapping[str, str] = os.environ) -> tuple[int, int]:
    """Return the rank of this process and the number of ranks, from a group that exists or from the variables of a launcher.

    Without either, the process is rank 0 of 1. Raises InputError for unusable variables.
    """
    if has_group():
        distributed: Any = sys.modules["torch.distributed"]
        return distributed.get_rank(), distributed.get_world_size()
    size = _number(environment, "WORLD_SIZE", "1")
    if size < 2:
        return 0, 1
    rank = _number(environment, "RANK", "")
    if rank >= size:
        raise InputError(
            f"The environment variable RANK is {rank}, while WORLD_SIZE is {size}: ranks are counted from 0.",
            "Start the ranks with torchrun or with jem-tui train --ranks N.",
        )
    return rank, size


def has_group() -> bool:
    """Return whether this process has a group of ranks already, as a worker of Ray has; without an import of torch."""
    distributed: Any = sys.modules.get("torch.distributed")
    return distributed is not None and distributed.is_available() and distributed.is_initialized()


def restarts_left(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether torchrun restarts all ranks after a failure."""
    count, most = (environment.get(f"TORCHELASTIC_{name}", "") for name in ("RESTART_COUNT", "MAX_RESTARTS"))
    return count.isdecimal() and most.isdecimal() and int(count) < int(most)


def _number(environment: Mapping[str, str], name: str, default: str) -> int:
    text = environment.get(name, default)
    if not text.isdecimal():
        state = f"is {text!r}, which is not a whole number from 0" if text else "is missing, while WORLD_SIZE is set"
        raise InputError(
            f"The environment variable {name} {state}.",
            "Start the ranks with torchrun or with jem-tui train --ranks N.",
        )
    return int(text)


class LeadingRank:
    """Rank 0 of a run on several ranks: opens the source, forwards requests of other ranks to the run, and gives all ranks one exit code."""

    def __init__(
        self, config: RunConfig, run_dir: Path, known: Callable[[], Mapping[str, Any] | None], resume: bool
    ) -> None:
        """Prepare a run. `known` returns the recorded figures on the data of a resumed run, or raises InputError."""
        self._arguments = config, run_dir, resume
        self._known = known
        self._process: RankProcess | None = None
        self._waits = False
        """True once this rank has begun to wait for the other ranks."""
        self.send: Callable[[Command], None] = lambda command: None
        """A function that enqueues a command of the run."""
        self.continues = False
        """True if ranks that are restarted with one command line continue the run."""

    def __call__(self, report: ReportProgress) -> Source:
        """Open the source, as an `OpenSource` does."""
        silence_torch()
        report(WAITING, None)
        self._waits = True
        from jem_tui.events.commands import Stop
        from jem_tui.jem.ranks.rank_process import RankProcess
        from jem_tui.jem.trainer.open_on_ranks import open_on_rank_0

        self._process = RankProcess(
            on_stop=lambda: self.send(Stop(save=True, reason="interrupted")),
            # A paused run waits for a command
            on_abort=lambda: self.send(Stop(save=False, reason="interrupted")),
            # A report raises the request to stop
            meanwhile=lambda: report(WAITING, None),
        )
        config, run_dir, resume = self._arguments
        return open_on_rank_0(self._process, config, run_dir, resume, report, self._known)

    @property
    def disconnected(self) -> bool:
        """True once a connection to another rank or to the launcher is known to be broken."""
        return self._process is not None and self._process.watch.disconnected

    def recorded_by(self, record: Sink) -> Sink:
        """Return the sink that records the run, except for a failure after which the launcher restarts the ranks.

        Viewers then wait for the run as for a killed one, and reconnect.
        """

        from jem_tui.events.run import Stopped

        def forward(event: Event) -> None:
            failed = isinstance(event, Stopped) and event.reason == "failed"
            if not (failed and self.continues and restarts_left()):
                record(event)

        return forward

    def finish(self, code: int) -> bool:
        """Give the exit code to the other ranks, and return whether a call to them may still wait for an answer."""
        if self._process is None:
            return self._waits
        self._process.finish(code)
        return self._process.left


class FollowingRank:
    """The result of a rank other than 0, whose constructor trains until rank 0 has ended the run."""

    def __init__(
        self,
        begin: Callable[[RankProcess], None] = lambda process: None,
        notify: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Train until rank 0 ends the run. `begin` receives the process before the run begins.

        `notify` receives one sentence if rank 0 has not started within `SILENT_WAIT` seconds.
        """
        silence_torch()
        from jem_tui.jem.ranks.rank_process import RankProcess
        from jem_tui.jem.trainer.open_on_ranks import train_on_other_rank

        process = RankProcess(meanwhile=LongWait(notify))
        begin(process)
        reason: JemError | None = None
        try:
            train_on_other_rank(process)
        except JemError as error:
            reason = error
        except Exception as error:
            reason = JemError(f"Unexpected {type(error).__name__}: {error}")
        self.code = process.await_end()
        """The exit code of rank 0."""
        self.reason = reason if process.reports_end else None
        """The reason of the end if rank 0 cannot report it."""
        self.left = process.left
        """True if a call to the other ranks may still wait for an answer."""


class LongWait:
    """Is called repeatedly while a rank waits for rank 0, and passes on one sentence after `SILENT_WAIT` seconds."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._deadline = time.monotonic() + SILENT_WAIT

    def __call__(self) -> None:
        if time.monotonic() < self._deadline:
            return
        self._deadline = math.inf
        rank, size = rank_and_size()
        address = ":".join(os.environ.get(name, "?") for name in ("MASTER_ADDR", "MASTER_PORT"))
        self._notify(f"Rank {rank} of {size} still waits for rank 0 at {address}. Start all ranks, or press Ctrl-C.")


def silence_torch() -> None:
    """Disable torch's warnings about broken connections, which the program reports; call this before torch is imported."""
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
