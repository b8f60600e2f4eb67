"""Ranks of one run that a launcher such as torchrun has started: rank 0 is the program, and the other ranks print nothing."""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import typer

from jem_tui.api.leading_rank import FollowingRank, has_group, rank_and_size, silence_torch
from jem_tui.cli.messages import say
from jem_tui.config.rank_sizes import refuse_uneven
from jem_tui.config.schema import RunConfig
from jem_tui.errors import EXIT_CODES, InputError, JemError
from jem_tui.signals import AT_ONCE, HURRYING, SAME_SIGNAL, Leaving, handle, leave_at_once

DISPLAYED_VARIABLE = "JEM_TUI_DISPLAYED"
"""Environment variable that `train --ranks` sets with a screen, which displays what rank 0 would print."""

if TYPE_CHECKING:
    from jem_tui.jem.ranks.rank_process import RankProcess


@contextmanager
def ending_all_ranks() -> Iterator[None]:
    """Stop all other ranks, if there are any, after an error or an exit in the body, which runs before the ranks join."""
    try:
        yield
    except (JemError, typer.Exit) as error:
        if rank_and_size()[1] > 1:
            code = EXIT_CODES[error.reason] if isinstance(error, JemError) else error.exit_code
            handle(leaving := Leaving(code))

            def end_if_signalled() -> None:
                if leaving.received:
                    raise InterruptedError

            silence_torch()
            with suppress(Exception):
                from jem_tui.jem.ranks.rank_process import RankProcess

                RankProcess(meanwhile=end_if_signalled).finish(code)
        raise


def ranks_to_launch(asked: int | None, config: RunConfig, *, resume: bool = False) -> int:
    """Return the number of ranks that this process must launch for `--ranks`, 1 for none.

    Raises InputError if a launcher has started another number, or if the ranks cannot share the sizes of the run.
    """
    launched, images = rank_and_size()[1], config.train.batch_size
    if asked and asked > images:
        raise InputError(
            f"{asked:,} ranks cannot share train.batch_size={images} in equal parts.", f"Start at most {images} ranks."
        )
    if asked and launched > 1 and asked != launched:
        raise InputError(
            f"--ranks {asked} contradicts the launcher, which has started {launched} ranks.", "Leave out --ranks."
        )
    if launched > 1 or not asked:
        return 1
    refuse_uneven(config, asked, resume=resume)
    return asked


def follow_rank_0() -> int:
    """Train as a rank other than 0 and return the exit code of rank 0. Nothing is printed unless rank 0 cannot report the end.

    The process ends, unless it belongs to another program, which has created a process group already.
    """
    own = not has_group()
    if own:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        warnings.simplefilter("ignore")
    following = FollowingRank(lambda process: handle(FollowerSignals(process), by_run=True), say)
    if following.reason is not None:
        say(str(following.reason))
    if own or following.left:
        leave_flushed(following.code)
    return following.code


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


def leave_flushed(code: int) -> NoReturn:
    """Exit without waiting for threads that may be inside a collective operation."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)
