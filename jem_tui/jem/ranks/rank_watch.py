"""The thread that watches the other ranks of a run through their store, while the rank computes or waits in a collective operation."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

from jem_tui.errors import JemError
from jem_tui.jem.ranks.rank_store import RankStore

TICK = 0.25
"""Seconds between two visits to the store, more on more than 64 ranks."""
GRACE = 1.0
"""Seconds in which a rank can end without interruption after another has ended the run."""
GRACE_OF_VERDICT = 60.0
"""The same after a divergence, on which all ranks agree, and after which rank 0 saves a checkpoint."""
SILENCE = 60.0
"""Seconds without a sign of life after which a rank is lost."""
SILENCE_AT_END = 20.0
"""Seconds without a sign of life after which a rank is lost that was requested to end."""
SILENCE_AFTER_BREAK = 2.0
"""Seconds without a sign of life after which a rank is lost once a connection is broken."""
LAST_STEP = 300.0
"""Seconds that a rank gets to end in order after the loss of the store."""
EXPLANATION = 4.5
"""Seconds to wait for the reason of a broken connection."""


class RankWatch:
    """Shows that this rank lives, and calls back once the run is to end.

    Rank 0 watches all ranks, and the others watch rank 0. The loss of the store is the loss of the launcher: rank 0 then saves and
    ends the run through collective operations, which do not need the store.
    """

    def __init__(
        self, store: RankStore, on_abort: Callable[[JemError], None], on_stop: Callable[[], None] = lambda: None
    ) -> None:
        """Prepare to watch. `on_abort` receives why the run has ended elsewhere, `on_stop` (rank 0 alone) a request to end it."""
        self._store = store
        self._on_abort = on_abort
        self._on_stop = on_stop
        self.interrupted = False
        """Set by a signal handler of this rank to request the end of the run."""
        self.in_trouble = False
        """Set by this rank after a broken connection."""
        self.awaits_end = False
        """Set by a rank other than 0 after its own end, which waits for that of rank 0."""
        self.silent: set[int] = set()
        """The ranks that have not shown for too long that they live."""
        self.store_lost = False
        """True once the launcher, or the rank that holds the store, has ended."""
        self._stopping = False
        self._closed = Event()
        others = range(1, store.size) if store.rank == 0 else range(1)
        self._beats = {rank: ("", time.monotonic()) for rank in others}
        self._ending_since: float | None = None
        self._left = False
        self._thread = Thread(target=self._run, name="jem-rank-watch", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()

    def explain(self, error: Exception) -> Exception:
        """Return why a connection to the other ranks is broken: the reason of another rank, or `error` where none is found in time."""
        self.in_trouble = True
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
            while not self._closed.wait(pause):
                self._look()
        except Exception:
            if not self._closed.is_set():
                self.store_lost = True
                self._on_stop()
                if not self._closed.wait(LAST_STEP):
                    self._on_abort(lost_connection())

    def _look(self) -> None:
        self._store.beat()
        if self.interrupted and not self._stopping:
            self._store.request_stop()
        if not self._stopping and self._store.stop_requested():
            self._stopping = True
            if self._store.rank == 0:
                self._on_stop()
        self._find_silent()
        abort = self._store.aborted()
        if abort is not None and abort.rank != self._store.rank:
            self._leave(abort.error, GRACE_OF_VERDICT if abort.reason == "diverged" else GRACE)
        elif self._store.rank and self._store.end() is not None:
            self._leave(JemError("Rank 0 has ended the run."), GRACE)

    def _find_silent(self) -> None:
        """Report a rank that has not shown for too long that it lives."""
        now = time.monotonic()
        ending = self._stopping or self.awaits_end
        suspects = self.in_trouble or ending
        in_trouble = self.in_trouble and not self.awaits_end
        patience = SILENCE_AFTER_BREAK if in_trouble else SILENCE_AT_END if ending else SILENCE
        for rank, (beat, since) in self._beats.items():
            newest = self._store.beat_of(rank)
            if newest != beat:
                self._beats[rank] = newest, now
            elif (beat and now - since > patience) or (suspects and self._store.has_ended(rank)):
                self.silent.add(rank)
                self._store.report_lost(rank)

    def _leave(self, error: JemError, grace: float) -> None:
        """Interrupt this rank, which may wait for other ranks, unless it ends within `grace` seconds."""
        self._ending_since = self._ending_since or time.monotonic()
        if time.monotonic() - self._ending_since > grace and not self.in_trouble and not self._left:
            # The watch continues, because this rank may wait for the end of rank 0
            self._left = True
            self._on_abort(error)


def lost_connection() -> JemError:
    """Return the error of a rank that reaches neither the other ranks nor their store."""
    return JemError(
        "The connection to the other ranks is lost: the launcher or rank 0 has ended.",
        "Continue the run with --resume.",
    )
