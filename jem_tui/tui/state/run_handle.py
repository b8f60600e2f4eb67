"""A run that outlives its screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jem_tui.events.run import Stopped
    from jem_tui.stream.drive import OpenSource, Sink
    from jem_tui.tui.state.session import Session
    from jem_tui.tui.state.worker import Worker


class RunHandle:
    """The source's worker and the session that reduces its events; neither ends with the screen that shows them.

    Nothing heavy is imported before `start`, so that a screen can be painted first.
    """

    def __init__(self, open_source: OpenSource, record: Sink, abandon: Callable[[], None] = lambda: None) -> None:
        """`open_source` builds the source on the worker's thread, `record` receives every event there first.

        `abandon` writes down that the process leaves at once, where that matters.
        """
        self.abandon = abandon
        self.session: Session | None = None
        """None before `attach`."""
        self.worker: Worker | None = None
        """None before `start`."""
        self.interrupted = False
        """Whether a signal has asked for the end."""
        self._open_source = open_source
        self._record = record

    def start(self) -> Worker:
        """Start the worker, once, and return it."""
        if self.worker is None:
            from jem_tui.tui.state.worker import Worker

            self.worker = Worker(self._open_source, self._record)
            self.worker.start()
        return self.worker

    def attach(self) -> Session:
        """Return the one session of the run, whose worker is started."""
        if self.session is None:
            from jem_tui.tui.state.session import Session

            self.session = Session(self.start())
        return self.session

    def interrupt(self) -> None:
        """Ask the source to save and end, the first time; a signal handler may do so."""
        if self.worker is not None and not self.interrupted:
            from jem_tui.events.commands import Stop

            self.worker.send(Stop(save=True, reason="interrupted"))
        self.interrupted = True

    @property
    def ended(self) -> Stopped | None:
        """The end of the run; None while it lasts."""
        return self.worker.ended if self.worker is not None else None

    @property
    def leaving(self) -> bool:
        """Whether somebody has asked the run to end."""
        return self.interrupted or (self.session is not None and self.session.pending.stop)
