"""A viewer that steers a run of other processes through its door, as the screen of `jem-tui attach` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jem_tui.events.commands import Advance, Command
from jem_tui.events.recording import StepBatch
from jem_tui.events.run import Event, StepDone
from jem_tui.events.viewing import Connection
from jem_tui.stream.attach.connect import SocketStream, connect_socket
from jem_tui.stream.attach.door_file import live_door, read_door
from jem_tui.stream.attach.viewer import Viewer
from tests.wait_until import wait_until

SECONDS = 60.0


class SteeringViewer:
    """A viewer and all events that it has received."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._viewer = Viewer(self._connect, run_dir, "alice@laptop")
        self.events: list[Event] = []

    @property
    def step(self) -> int:
        """The step of the newest event."""
        return max((event.step for event in self.events[-1:]), default=0)

    def start(self) -> None:
        """Join the run."""
        self._viewer.start()
        self.until(lambda: any(isinstance(event, Connection) and event.connected for event in self.events))

    def send(self, command: Command) -> None:
        """Send a command to the run."""
        self._viewer.send(command)

    def advance(self, to: int) -> None:
        """Let the paused run step up to `to`, and wait for that step."""
        taken = len(self.events)
        self.send(Advance(steps=to - self.step))
        self.until(lambda: any(isinstance(event, StepDone) and event.step == to for event in self.events[taken:]))

    def until(self, condition: Callable[[], object], seconds: float = SECONDS) -> None:
        """Receive events until a condition holds."""

        def holds() -> bool:
            self.events += self._viewer.received()
            return bool(condition())

        wait_until(holds, lambda: [(type(event).__name__, event.step) for event in self.events[-8:]], seconds)

    def until_received(self, kind: type[Event], after: int = 0, seconds: float = SECONDS) -> None:
        """Receive events until one of this kind has come, not counting the first `after` events."""
        self.until(lambda: any(isinstance(event, kind) for event in self.events[after:]), seconds)

    def until_step(self, step: int) -> None:
        """Receive events until the run has taken this many steps."""
        self.until(lambda: any(isinstance(e, StepDone | StepBatch) and e.step >= step for e in self.events))

    def close(self) -> None:
        """Leave the run."""
        self._viewer.close(5.0)

    def _connect(self) -> SocketStream:
        return connect_socket(Path(live_door(self._run_dir).socket))


@contextmanager
def steering(run_dir: Path) -> Iterator[SteeringViewer]:
    """Yield a viewer that has joined the run, once the run has opened its door."""
    wait_until(lambda: read_door(run_dir) is not None, "the door does not open", SECONDS)
    viewer = SteeringViewer(run_dir)
    try:
        viewer.start()
        yield viewer
    finally:
        viewer.close()
