"""Several ranks of one training, which a launcher such as torchrun has started: rank 0 is the program, the others are silent."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import typer

from jem_tui.cli.messages import say
from jem_tui.config.schema import RunConfig
from jem_tui.errors import EXIT_CODES, InputError, JemError
from jem_tui.events.commands import Command, Stop
from jem_tui.events.run import Stopped
from jem_tui.signals import AT_ONCE, HURRYING, SAME_SIGNAL, Leaving, handle, leave_at_once

DISPLAYED_VARIABLE = "JEM_TUI_DISPLAYED"
"""Variable that a launcher with a screen sets, because the screen displays what rank 0 would print."""

if TYPE_CHECKING:
    from jem_tui.events.run import Event, ReportProgress
    from jem_tui.jem.ranks.rank_process import RankProcess
    from jem_tui.stream.drive import Sink, Source


def launched_ranks(environment: Mapping[str, str] = os.environ) -> int:
    """Return the number of ranks that a launcher has started, 1 without one. Raises InputError for an unusable environment."""
    return max(1, _number(environment, "WORLD_SIZE", 1))


def is_follower(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether this process is a rank other than 0. Raises InputError for an unusable environment."""
    return launched_ranks(environment) > 1 and _number(environment, "RANK", None) > 0


def _number(environment: Mapping[str, str], name: str, default: int | None) -> int:
    text = environment.get(name, "" if default is None else str(default))
    if not text.isdecimal():
        raise InputError(
            f"The environment variable {name} is {text!r}, which is not a number of ranks."
            if text
            else f"The environment has WORLD_SIZE but no {name}.",
            "Start the ranks with torchrun or with jem-tui train --ranks N.",
        )
    return int(text)


class LeadingRank:
    """Rank 0 of a run on several ranks: opens its source, passes requests of other ranks into the run, and ends all ranks alike."""

    def __init__(
        self, config: RunConfig, run_dir: Path, known: Callable[[], Mapping[str, Any] | None], resume: bool
    ) -> None:
        self._arguments = config, run_dir, resume
        self._known = known
        self._process: RankProcess | None = None
        self.send: Callable[[Command], None] = lambda command: None
        """A function that enqueues a command of the run."""
        self.continues = False
        """True if ranks that are started again with the same command line continue the run."""

    def __call__(self, report: ReportProgress) -> Source:
        """Open the source, as an `OpenSource` does."""
        from jem_tui.jem.ranks.rank_process import RankProcess
        from jem_tui.jem.trainer.open_on_ranks import open_lead

        self._process = RankProcess(
            on_stop=lambda: self.send(Stop(save=True, reason="interrupted")),
            # A paused run waits for a command
            on_abort=lambda: self.send(Stop(save=False, reason="interrupted")),
        )
        config, run_dir, resume = self._arguments
        return open_lead(self._process, config, run_dir, resume, report, self._known)

    def recorded_by(self, record: Sink) -> Sink:
        """Return the sink that records the run, except for a failure after which the launcher starts the ranks again.

        Viewers then wait for the run as for one that was killed, and rejoin it.
        """

        def forward(event: Event) -> None:
            failed = isinstance(event, Stopped) and event.reason == "failed"
            if not (failed and self.continues and restarts_left()):
                record(event)

        return forward

    def finish(self, code: int) -> None:
        """Give the exit code to the other ranks; end the process at once if a call to them may never return."""
        if self._process is None:
            return
        self._process.finish(code)
        if self._process.left:
            leave_flushed(code)


def restarts_left(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether torchrun starts all ranks again after a failure."""
    count, most = (environment.get(f"TORCHELASTIC_{name}", "") for name in ("RESTART_COUNT", "MAX_RESTARTS"))
    return count.isdecimal() and most.isdecimal() and int(count) < int(most)


@contextmanager
def ending_all_ranks() -> Iterator[None]:
    """Let an error or an exit in the body, which runs before the ranks join, end the other ranks, if there are any."""
    try:
        yield
    except (JemError, typer.Exit) as error:
        if launched_ranks() > 1:
            code = EXIT_CODES[error.reason] if isinstance(error, JemError) else error.exit_code
            handle(Leaving(code))
            with suppress(Exception):
                from jem_tui.jem.ranks.rank_process import RankProcess

                RankProcess().finish(code)
        raise


def ranks_to_launch(asked: int | None) -> int:
    """Return the number of ranks that `--ranks` asks this process to launch, 1 for none. Raises InputError if a launcher has started others."""
    launched = launched_ranks()
    if asked and launched > 1 and asked != launched:
        raise InputError(
            f"--ranks {asked} contradicts the launcher, which has started {launched} ranks.", "Leave out --ranks."
        )
    return asked or 1 if launched == 1 else 1


def follow_rank_0() -> int:
    """Train as a rank other than 0 and return the exit code, which is that of rank 0. Nothing is printed unless rank 0 cannot.

    The process ends, unless it belongs to another program, which has created a process group already.
    """
    from jem_tui.jem.ranks.join import has_group
    from jem_tui.jem.ranks.rank_process import RankProcess
    from jem_tui.jem.trainer.open_on_ranks import follow_lead

    belongs_to_another = has_group()
    if not belongs_to_another:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    process = RankProcess()
    handle(FollowerSignals(process), by_run=True)
    lost: JemError | None = None
    try:
        follow_lead(process)
    except JemError as error:
        lost = error
    except Exception as error:
        lost = JemError(str(error))
    code = process.await_end()
    if lost is not None and process.speaks:
        say(str(lost))
    if process.left or not belongs_to_another:
        leave_flushed(code)
    return code


class FollowerSignals:
    """A signal handler that requests the end of the run from rank 0; a second Ctrl-C or SIGTERM ends the process at once."""

    def __init__(self, process: RankProcess) -> None:
        self._process = process
        self._received = 0.0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        repeated = self._received and time.monotonic() - self._received > SAME_SIGNAL
        if number in AT_ONCE or (repeated and number in HURRYING):
            leave_at_once(number)
        self._received = self._received or time.monotonic()
        self._process.watch.interrupted = True


def leave_flushed(code: int) -> None:
    """Exit without waiting for threads that may be inside a collective operation."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)
