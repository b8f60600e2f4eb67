"""A viewer without a connection: tests put events into its inbox and read the commands that it received."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Any

from textual.pilot import Pilot

from jem_tui.events.commands import Command
from jem_tui.events.event import Event
from jem_tui.events.run import Stopped
from jem_tui.events.viewing import Connection
from jem_tui.tui.app import JemApp
from jem_tui.tui.state.run_handle import RunHandle
from jem_tui.tui.state.screen_role import Attachment, ScreenRole
from tests.tui.sources import run_started, samples, shows, step_done, until


class FakeViewer:
    """A worker that owns no run; `inbox` holds the events that the screen receives next."""

    def __init__(self) -> None:
        self.commands: SimpleQueue[Command] = SimpleQueue()
        self.inbox: SimpleQueue[Event] = SimpleQueue()
        self.ended: Stopped | None = None
        self.sent: list[Command] = []
        self.started = self.closed = False

    def start(self) -> None:
        self.started = True

    def send(self, command: Command) -> None:
        self.sent.append(command)

    def received(self) -> Iterator[Event]:
        while not self.inbox.empty():
            yield self.inbox.get_nowait()

    def until_stopped(self) -> Iterator[Event]:
        while self.ended is None or not self.inbox.empty():
            try:
                yield self.inbox.get(timeout=0.05)
            except Empty:
                continue

    def close(self, timeout: float) -> bool:
        self.closed = True
        return True

    def put(self, *events: Event) -> None:
        for event in events:
            self.inbox.put(event)

    def stop(self, stopped: Stopped) -> None:
        self.put(stopped)
        self.ended = stopped

    def lose(self, text: str = "The connection was closed.") -> None:
        self.put(Connection(step=9, images=900, time=9.0, connected=False, text=text))

    def sent_kinds(self) -> list[str]:
        """Return the names of the commands that the screen sent, without its requests for samples."""
        return [name for command in self.sent if (name := type(command).__name__) != "SampleNow"]


def viewed_app(viewer: FakeViewer, attachment: Attachment | None = None, **changes: Any) -> JemApp:
    """Return an app that is attached to a run of nine steps, whose `RunStarted` has these `changes`."""
    viewer.put(run_started(**changes), samples(0), *(step_done(step) for step in range(1, 10)))
    run = RunHandle(lambda: viewer, role=ScreenRole(attachment=attachment or Attachment()))
    return JemApp(run, label="attach to fake", run_dir="runs/fake")


async def attached(app: JemApp, pilot: Pilot[Any]) -> None:
    """Wait until the run is displayed."""
    await until(pilot, lambda: shows(app, "TRAINING"))
