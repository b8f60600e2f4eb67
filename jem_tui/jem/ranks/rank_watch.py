"""The thread that watches the other ranks of a run through their store, while the rank computes or waits in a collective operation."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

from jem_tui.errors import JemError
from jem_tui.jem.ranks.rank_store import RankStore

TICK = 0.25
"""Seconds between two readings of the store; more with more than 64 ranks."""
GRACE = 1.0
"""Seconds in which a rank can end without interruption after another has ended the run."""
GRACE_AFTER_DIVERGENCE = 60.0
"""Seconds in which a rank can end without interruption after a divergence, after which rank 0 saves a checkpoint."""
SILENCE = 60.0
"""Seconds without a heartbeat after which a rank counts as lost."""
SILENCE_AT_END = 20.0
"""Seconds without a heartbeat after which a rank counts as lost while the run ends."""
SILENCE_AFTER_BREAK = 2.0
"""Seconds without a heartbeat after which a rank counts as lost once a connection is broken."""
LAST_STEP = 300.0
"""Seconds in which a rank can save and end after the loss of the store."""
EXPLANATION = 4.5
"""Seconds to wait for the reason of a broken connection."""


class RankWatch:
    """Sends heartbeats of this rank, and calls back once the run must end.

    Rank 0 watches all ranks, and every other rank watches rank 0. If the store is lost, so is the launcher: rank 0 then saves and ends
    the run through collective operations, which do not need the store.
    """

    def __init__(
        self, store: RankStore, on_abort: Callable[[JemError], None], on_stop: Callable[[], None] = lambda: None
    ) -> None:
        """Prepare to watch. `on_abort` receives the reason for which another rank has ended the run; `on_stop` requests its end, on rank 0."""
        self._store = store
        self._on_abort = on_abort
        self._on_stop = on_stop
        self.interrupted = False
        """Set by a signal handler of this rank to request the end of the run."""
        self.connection_broken = False
        """Set by this rank after a broken connection."""
        self.awaits_end = False
        """Set by a rank other than 0 that has ended its part and waits for the end of rank 0."""
        self.silent: set[int] = set()
        """The ranks whose heartbeat has been missing for too long."""
        self.store_lost = False
        """True once the launcher, or the rank that holds the store, has ended."""
        self._stopping = False
        self._closed = Event()
        others = range(1, store.size) if store.rank == 0 else range(1)
        self._beats = {rank: ("", time.monotonic()) for rank in others}
        self._ending_since: float | None = None
        self._left = False
        self._suspended = False
        """True if this process did not run for so long that the other ranks count it as lost."""
        self._thread = Thread(target=self._run, name="jem-rank-watch", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()

    @property
    def disconnected(self) -> bool:
        """True if a connection to the other ranks or to their store is broken."""
        return self.connection_broken or self.store_lost or bool(self.silent)

    def explain(self, error: Exception) -> Exception:
        """Return the reason for a broken connection to the other ranks: the error of another rank, or `error` if none is found in time."""
        self.connection_broken = True
        deadline = time.monotonic() + EXPLANATION
        while time.monotonic() < deadline and not self.store_lost:
            with suppress(Exception):
                abort = self._store.aborted()
                if abort is not None:
                    return abort.error
            time.sleep(TICK / 5)
        return lost_connection() if self.store_lost else error

    def _run(self) -> None:
        pause = TICK * max(1.0, self._store.size / 64)
        try:
            while not self._wait(pause):
                self._check()
        except Exception:
            if not self._closed.is_set():
                self.store_lost = True
                self._on_stop()
                if not self._closed.wait(self._last_seconds):
                    self._on_abort(lost_connection())

    def _wait(self, seconds: float) -> bool:
        """Wait, and return whether the watch was closed meanwhile."""
        began = time.monotonic()
        closed = self._closed.wait(seconds)
        self._suspended = time.monotonic() - began > SILENCE
        return closed

    @property
    def _last_seconds(self) -> float:
        """Seconds in which this rank can end after the loss of the store.

        The other ranks do not wait for a rank that was suspended (SIGSTOP) for too long. They do wait for one whose store was slow.
        """
        return GRACE if self._suspended and self._store.rank else LAST_STEP

    def _check(self) -> None:
        self._store.send_heartbeat()
        if self.interrupted and not self._stopping:
            self._store.request_stop()
        if not self._stopping and self._store.stop_requested():
            self._stopping = True
            if self._store.rank == 0:
                self._on_stop()
        self._find_silent()
        abort = self._store.aborted()
        if abort is not None and abort.rank != self._store.rank:
            self._leave(abort.error, GRACE_AFTER_DIVERGENCE if abort.reason == "diverged" else GRACE)
        elif self._store.rank and self._store.end() is not None:
            self._leave(JemError("Rank 0 has ended the run."), GRACE)

    def _find_silent(self) -> None:
        """Report a rank whose heartbeat has been missing for too long."""
        now = time.monotonic()
        ending = self._stopping or self.awaits_end
        suspects = self.connection_broken or ending
        connection_broken = self.connection_broken and not self.awaits_end
        patience = SILENCE_AFTER_BREAK if connection_broken else SILENCE_AT_END if ending else SILENCE
        for rank, (beat, since) in self._beats.items():
            newest = self._store.heartbeat_of(rank)
            if newest != beat:
                self._beats[rank] = newest, now
            elif (beat and now - since > patience) or (suspects and self._store.has_ended(rank)):
                self.silent.add(rank)
                self._store.report_lost(rank)

    def _leave(self, error: JemError, grace: float) -> None:
        """Interrupt this rank, which may wait for other ranks, unless it ends within `grace` seconds."""
        self._ending_since = self._ending_since or time.monotonic()
        if time.monotonic() - self._ending_since > grace and not self.connection_broken and not self._left:
            # The watch continues, because this rank may wait for the end of rank 0
            self._left = True
            self._on_abort(error)


def lost_connection() -> JemError:
    """Return the error of a rank that reaches neither the other ranks nor their store."""
    return JemError(
        "The connection to the other ranks is lost: the launcher or rank 0 has ended.",
        "Continue the run with --resume.",
    )
