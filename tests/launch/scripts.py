"""Scripts that a test starts, and a worker that follows one without a screen."""

from __future__ import annotations

import sys
from pathlib import Path

from jem_tui.cli.screens.attached_run import author
from jem_tui.events.event import Event
from jem_tui.events.viewing import Printed
from jem_tui.launch.script import Script
from jem_tui.launch.script_worker import ScriptWorker
from jem_tui.stream.attach.connect import connect_socket
from jem_tui.stream.attach.door_file import DoorFile
from jem_tui.stream.attach.viewer import Viewer
from tests.wait_until import wait_until

WATCHED = """
import sys, time
from pathlib import Path
import jem_tui

print("loading")
with jem_tui.watch({run_dir!r}, total_steps={steps}) as run:
    run.on(jem_tui.SaveNow, lambda: Path({run_dir!r}, "saved").write_text("x"))
    for step in range({steps}):
        run.step(loss=1.0)
        time.sleep(0.005)
print("after the run")
sys.exit({code})
"""


def watched(run_dir: Path, steps: int = 100_000, code: int = 0) -> list[str]:
    """Return the command of a watched loop."""
    return python(WATCHED.format(run_dir=str(run_dir), steps=steps, code=code))


def python(text: str) -> list[str]:
    """Return the command that runs a text as a script."""
    return [sys.executable, "-c", text]


def join(door: DoorFile) -> Viewer:
    """Return a viewer of a run of this machine."""
    return Viewer(lambda: connect_socket(Path(door.socket)), Path(door.run_dir), author())


class Followed:
    """A script with its worker, whose events are kept."""

    def __init__(self, words: list[str], *, display: bool = True) -> None:
        self.script = Script(words)
        self.worker = ScriptWorker(self.script, join, display=display)
        self.events: list[Event] = []
        self.worker.start()

    @property
    def output(self) -> str:
        """The output so far."""
        return "".join(event.text for event in self._received() if isinstance(event, Printed))

    def has(self, kind: type[Event]) -> bool:
        """Return whether an event of a kind has arrived."""
        return any(isinstance(event, kind) for event in self._received())

    def end(self) -> int:
        """Receive everything until the end of the script, and return its exit code."""
        wait_until(lambda: self._received() != [] and self.worker.ended is not None, "the script has not ended")
        self._received()
        code = self.script.exit_code
        assert code is not None
        return code

    def _received(self) -> list[Event]:
        self.events.extend(self.worker.received())
        return self.events
