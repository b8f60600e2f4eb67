"""The run as the process of a screen holds it, independent of its screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from jem_tui.tui.state.screen_role import OWN_RUN, ScreenRole

if TYPE_CHECKING:
    from jem_tui.events.run import Stopped
    from jem_tui.stream.drive import OpenSource, Sink
    from jem_tui.tui.state.drawing_access import DrawingAccess
    from jem_tui.tui.state.run_worker import RunWorker
    from jem_tui.tui.state.session import Session

    MakeWorker = Callable[[], RunWorker]
    """A function that creates the worker of a run without starting it."""


def driving(open_source: OpenSource, record: Sink) -> MakeWorker:
    """Return a function that creates the worker of a run of this process.

    `open_source` builds the source on the worker's thread; `record` receives every event there first.
    """

    def make_worker() -> RunWorker:
        from jem_tui.tui.state.worker import Worker

        return Worker(open_source, record)

    return make_worker


class RunHandle:
    """The worker of a run and the session that reduces its events; neither ends when the screen does.

    Nothing heavy is imported before `start`, so that the screen can be painted first.
    """

    def __init__(
        self,
        make_worker: MakeWorker,
        abandon: Callable[[], None] = lambda: None,
        role: ScreenRole = OWN_RUN,
    ) -> None:
        """Prepare a run. `make_worker` is called after the first frame.

        `abandon` records that the process ends at once, without waiting for the worker. Neither a signal nor the end of the screen stops
        a run that the `role` attaches to.
        """
        self.abandon = abandon
        self.role = role
        self.session: Session | None = None
        """None before `open_session`."""
        self.worker: RunWorker | None = None
        """None before `start`."""
        self.interrupted = False
        """True once a signal has requested to save and end, or to detach."""
        self.detached = False
        """True if the screen has exited before the end of the run."""
        self.attach_requested = False
        """True once the user has left a replay in order to attach to its run."""
        self.drawing: DrawingAccess | None = None
        """The model in the run folder, for drawings and chains; None without a run folder on this machine."""
        self._make_worker = make_worker

    def start(self) -> RunWorker:
        """Start the worker at the first call, and return it."""
        if self.worker is None:
            self.worker = self._make_worker()
            self.worker.start()
        return self.worker

    def open_session(self) -> Session:
        """Return the only session of the run, and start the worker if need be."""
        if self.session is None:
            from jem_tui.tui.state.session import Session

            self.session = Session(self.start(), self.role)
            self.session.chain_requests.access = self.drawing
        return self.session

    def interrupt(self) -> None:
        """Stop a run of this process with a checkpoint, at the first call only; safe in a signal handler."""
        if self.worker is not None and not self.interrupted and self.role.attachment is None:
            from jem_tui.events.commands import Stop

            self.worker.send(Stop(save=True, reason="interrupted"))
        self.interrupted = True

    @property
    def ended(self) -> Stopped | None:
        """The end of the run; None until then."""
        return self.worker.ended if self.worker is not None else None

    @property
    def leaving(self) -> bool:
        """True once a signal or the user has requested the end of the run, or of its display."""
        return self.interrupted or (self.session is not None and self.session.pending.stop)
