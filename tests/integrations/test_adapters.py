"""Training runs of other libraries: the numbers with and without an adapter, and steering by a viewer."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest

from jem_tui.api.recorded_run import open_run
from jem_tui.events.commands import Adjust, Command, Pause, Resume, SaveNow, Stop
from jem_tui.events.run import Adjusted, Event, Note, Paused, StepDone, Stopped
from jem_tui.stream.attach.connect import connect_socket
from jem_tui.stream.attach.door_file import read_door
from jem_tui.stream.attach.viewer import Viewer
from jem_tui.stream.runs.run_dir import read_run_file
from tests.integrations.library_loops import BATCH, LOOPS, digest
from tests.wait_until import wait_until

pytestmark = pytest.mark.slow
STEPS = 24
ENDLESS = 20_000


class Steering(Thread):
    """A viewer in a thread of its own that pauses, changes the rate, saves, resumes and stops a run."""

    def __init__(self, run_dir: Path) -> None:
        super().__init__(daemon=True)
        self._run_dir = run_dir
        self.events: list[Event] = []
        self.error: BaseException | None = None
        self.steps_while_paused = -1
        self.saved: list[Path] = []

    def run(self) -> None:
        wait_until(lambda: read_door(self._run_dir) is not None, "no door")
        door = read_door(self._run_dir)
        assert door is not None
        self._viewer = Viewer(lambda: connect_socket(Path(door.socket)), self._run_dir, "alice@laptop")
        self._viewer.start()
        try:
            self._steer()
        except BaseException as error:
            self.error = error
        finally:
            self._send(Stop(save=True))
            wait_until(lambda: self._has(Stopped), "the run did not stop")
            self._viewer.close(5)

    def _steer(self) -> None:
        wait_until(lambda: self._has(StepDone), "no step")
        self._send(Pause())
        wait_until(lambda: self._has(Paused), "no pause")
        before = self._steps()
        self._send(Adjust(name="optimizer.rate", increments=1))
        self._send(SaveNow())
        wait_until(lambda: self._has(Adjusted), "no change of the rate")
        self.steps_while_paused = self._steps() - before
        self._send(Resume())
        wait_until(lambda: self._steps() > before + 3, "no steps after the pause")

    def _send(self, command: Command) -> None:
        self._viewer.send(command)

    def _has(self, kind: type[Event]) -> bool:
        self.events.extend(self._viewer.received())
        return any(isinstance(event, kind) for event in self.events)

    def _steps(self) -> int:
        self._has(StepDone)
        return max((event.step for event in self.events if isinstance(event, StepDone)), default=0)


@pytest.mark.parametrize("name", LOOPS)
def test_the_weights_are_the_same_with_and_without_an_adapter(name: str, tmp_path: Path):
    plain = digest(LOOPS[name](tmp_path / "a", None, STEPS))
    watched = digest(LOOPS[name](tmp_path / "b", tmp_path / "run", STEPS))
    assert plain == watched
    run = read_run_file(tmp_path / "run")
    assert (run.status, run.step, run.images) == ("finished", STEPS, STEPS * BATCH)


@pytest.mark.parametrize("name", LOOPS)
def test_a_viewer_pauses_saves_stops_and_changes_the_rate(name: str, tmp_path: Path):
    steering = Steering(tmp_path / "run")
    steering.start()
    LOOPS[name](tmp_path / "a", tmp_path / "run", ENDLESS)
    steering.join(60)
    assert steering.error is None and not steering.is_alive()
    assert steering.steps_while_paused == 0
    adjusted = next(event for event in steering.events if isinstance(event, Adjusted))
    assert adjusted.name == "optimizer.rate" and adjusted.new == pytest.approx(1.25 * adjusted.old)
    assert any(isinstance(event, Note) and event.kind == "checkpoint" for event in steering.events)
    assert not any(isinstance(event, Note) and event.kind == "warning" for event in steering.events)
    assert len(list((tmp_path / "run/checkpoints").glob("*"))) + len(list((tmp_path / "a").glob("checkpoint-*"))) == 2
    run = read_run_file(tmp_path / "run")
    assert run.status == "stopped" and run.step < ENDLESS


@pytest.mark.parametrize(("name", "score"), [("lightning", "val_loss"), ("transformers", "eval_loss")])
def test_metrics_scores_and_facts_are_recorded(name: str, score: str, tmp_path: Path):
    LOOPS[name](tmp_path / "a", tmp_path / "run", STEPS)
    run = open_run(tmp_path / "run")
    assert run.started.total_steps == STEPS and run.started.parameters == 4 * 8 + 8 + 8 * 2 + 2
    assert len(run.curves["loss"]) == STEPS and score not in run.curves
    assert score in run.scores["validation"]
