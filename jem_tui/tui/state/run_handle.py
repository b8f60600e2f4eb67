"""Ownership of a run, independent of its screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jem_tui.events.run import Stopped
    from jem_tui.stream.drive import OpenSource, Sink
    from jem_tui.tui.state.session import Session
    from jem_tui.tui.state.worker import Worker


class RunHandle:
    """The worker of a source and the session that reduces its events; neither ends when the screen does.

    Nothing heavy is imported before `start`, so that the screen can be painted first.
    """

    def __init__(self, open_source: OpenSource, record: Sink, abandon: Callable[[], None] = lambda: None) -> None:
        """Prepare a run. `open_source` builds the source on the worker's thread; `record` receives every event there first.

        `abandon` records that the process ends at once, without waiting for the worker.
        """
        self.abandon = abandon
        self.session: Session | None = None
        """None before `attach`."""
        self.worker: Worker | None = None
        """None before `start`."""
        self.interrupted = False
        """True once a signal has requested the end of the run."""
        self._open_source = open_source
        self._record = record

    def start(self) -> Worker:
        """Start the worker at the first call, and return it."""
        if self.worker is None:
            from jem_tui.tui.state.worker import Worker

            self.worker = Worker(self._open_source, self._record)
            self.worker.start()
        return self.worker

    def attach(self) -> Session:
        """Return the only session of the run, and start the worker if need be."""
        if self.session is None:
            from jem_tui.tui.state.session import Session

            self.session = Session(self.start())
        return self.session

    def interrupt(self) -> None:
        """Stop the source with a checkpoint, at the first call only; safe in a signal handler."""
        if self.worker is not None and not self.interrupted:
            from jem_tui.events.commands import Stop

            self.worker.send(Stop(save=True, reason="interrupted"))
        self.interrupted = True

    @property
    def ended(self) -> Stopped | None:
        """The end of the run; None until then."""
        return self.worker.ended if self.worker is not None else None

    @property
    def leaving(self) -> bool:
        """True once a signal or the user has requested the end of the run."""
        return self.interrupted or (self.session is not None and self.session.pending.stop)
