"""This process as one of several ranks: the thread that computes, the common store, and the common end of the run."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import torch.distributed as dist
from torch.distributed.distributed_c10d import PrefixStore

from jem_tui.errors import EXIT_CODES, JemError, Reason
from jem_tui.jem.ranks.abandonable_thread import AbandonableThread
from jem_tui.jem.ranks.rank_store import RankStore
from jem_tui.jem.ranks.rank_watch import RankWatch, lost_connection
from jem_tui.jem.ranks.rendezvous import POLL, open_launcher_store, rendezvous_store

Result = TypeVar("Result")
LAST_TIMEOUT = 3.0
"""Seconds for which rank 0 waits at its end until the other ranks have read the exit code."""
_BROKEN = ("gloo", "nccl", "connection", "socket")
"""Words in the exceptions of collective operations that have lost a rank."""


class RankProcess:
    """One rank of a run. All work that can wait for other ranks is done by `call`, on one thread, which can be abandoned."""

    def __init__(
        self,
        on_stop: Callable[[], None] = lambda: None,
        on_abort: Callable[[], None] = lambda: None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """Connect to the store of the launcher, and wait for the other ranks. Raises InputError if that is impossible.

        On rank 0, `on_stop` is called once another rank has received a signal, and `on_abort` after another rank has ended the run.
        `meanwhile` is called at intervals during the wait, which an exception of it ends.
        """
        self._thread = AbandonableThread("jem-rank")
        self._on_abort = on_abort
        launcher_store, rank, size = self._thread.call(open_launcher_store, meanwhile)
        self.keys = self._thread.call(lambda: rendezvous_store(launcher_store, rank, size), meanwhile)
        """The store of the ranks of this start."""
        # A connection that waits for a key, as that of a new group, lets no other thread use it
        self.store = RankStore(PrefixStore("facts", self.keys.clone()), rank, size)
        self.watch = RankWatch(self.store, self._leave, on_stop)
        self.store.register()
        self.watch.start()

    def call(self, task: Callable[[], Result]) -> Result:
        """Return the result of `task`. Its exception ends the run on all ranks; a broken connection is raised with its reason."""
        try:
            return self._thread.call(task)
        except Exception as error:
            reason = self._published(error)
            if reason is error:
                raise
            raise reason from error

    def await_plan(self) -> str:
        """Return the plan of rank 0; "" if rank 0 has ended without one. Raises the error of another rank that has ended the run."""
        while not (plan := self.store.plan()) and self.store.end() is None:
            abort = self.store.aborted()
            if abort is not None:
                raise abort.error
            if self.watch.store_lost:
                raise lost_connection()
            time.sleep(POLL)
        return plan

    def finish(self, code: int) -> None:
        """Give the exit code to the other ranks, on rank 0, and leave the group."""
        self.watch.close()
        with suppress(Exception):
            self.store.publish_end(code)
            abort = self.store.aborted()
            lost = abort is not None and abort.lost
            deadline = time.monotonic() + (POLL * 10 if lost else LAST_TIMEOUT)
            while not self.store.all_have_left() and time.monotonic() < deadline:
                time.sleep(POLL)

    def await_end(self) -> int:
        """Return the exit code that rank 0 gives; without rank 0, that of the reason for which the run has ended.

        As long as rank 0 lives, there is no limit to the wait, because its screen displays a run that has ended until the user quits.
        """
        self.watch.awaits_end = True
        code = EXIT_CODES["failed"]
        with suppress(Exception):
            while (end := self.store.end()) is None and not self._lost_rank_0():
                time.sleep(POLL)
            abort = self.store.aborted()
            code = end if end is not None else EXIT_CODES[abort.reason] if abort is not None else code
            self.store.confirm_end()
        self.watch.close()
        return code

    @property
    def reports_end(self) -> bool:
        """True if this rank has to report the end of the run, because rank 0 cannot."""
        return self.store.reports_loss or (self.watch.store_lost and self.store.rank == 1)

    @property
    def left(self) -> bool:
        """True if the thread of this rank may still wait for other ranks."""
        return self._thread.abandoned

    def _lost_rank_0(self) -> bool:
        abort = self.store.aborted()
        return self.watch.store_lost or 0 in self.watch.silent or (abort is not None and abort.lost and abort.rank == 0)

    def _leave(self, error: JemError) -> None:
        self._thread.abandon(error)
        self._on_abort()

    def _published(self, error: Exception) -> Exception:
        """Return the error to raise for an exception, and let it end the other ranks."""
        if is_broken_connection(error):
            found = self.watch.explain(error)
            if found is not error:
                return found
        reason: Reason = getattr(error, "reason", "failed")
        sentence, details = str(error), getattr(error, "details", "")
        if not hasattr(error, "reason"):
            sentence = f"Unexpected {type(error).__name__}: {sentence or 'no message'}."
            details = "".join(traceback.format_exception(error))
        with suppress(Exception):
            who = f"{self.store.who(self.store.rank)}: " if self.store.rank else ""
            self.store.abort(reason, f"{who}{sentence}", details)
        return error


def is_broken_connection(error: Exception) -> bool:
    """Return whether an exception of a collective operation can be due to another rank that has ended."""
    text = str(error).lower()
    return isinstance(error, dist.DistError) or (
        isinstance(error, RuntimeError) and any(word in text for word in _BROKEN)
    )
