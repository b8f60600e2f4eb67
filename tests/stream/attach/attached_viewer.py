"""A viewer of a scripted door, for tests of what it emits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jem_tui.events.recording import StepBatch
from jem_tui.events.run import Event, StepDone
from jem_tui.stream.attach.viewer import Viewer
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.run_worker import RunWorker
from tests.stream.attach.displayed import state_of
from tests.stream.attach.scripted_door import ScriptedDoor
from tests.wait_until import wait_until


class Attached:
    """A viewer of a scripted door, and everything that it has emitted."""

    def __init__(self, run_dir: Path, door: ScriptedDoor | None = None, *, view_only: bool = False) -> None:
        self.door = door or ScriptedDoor()
        self.viewer: RunWorker = Viewer(self.door.connect, run_dir, "alice@laptop", view_only=view_only)
        self.events: list[Event] = []
        self.viewer.start()

    def until(self, condition: Callable[[], object]) -> None:
        """Receive events until a condition holds."""

        def holds() -> bool:
            self.events += self.viewer.received()
            return bool(condition())

        wait_until(holds, lambda: self.events[-5:])

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if type(event) is kind]

    def until_step(self, step: int) -> None:
        self.until(lambda: any(event.step == step for event in self.events if isinstance(event, StepDone | StepBatch)))

    def state(self) -> RunState:
        return state_of(self.events)
