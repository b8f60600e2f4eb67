"""The door of a real training run: steering while it is paused, and what is left of the address after each kind of end."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from jem_tui.events.commands import Adjust, Command, EvaluateNow, Pause, Reseed, RollBack, SampleNow, SaveNow, Stop
from jem_tui.events.run import Adjusted, Evaluated, Event, Note, Paused, Rewound, Stopped
from jem_tui.stream.attach.door_file import DOOR_FILE, DoorFile, is_live, live_doors, read_door
from jem_tui.stream.attach.messages import Steer
from jem_tui.stream.replay.replayer import read_events
from tests.cli.forked import ForkedProgram
from tests.cli.program import TRAIN
from tests.stream.attach.plain_viewer import PlainViewer
from tests.wait_until import wait_until

pytestmark = pytest.mark.slow
QUIET = [word for word in TRAIN if word != "--json"]
"""Training whose output fits into a pipe that no process reads."""
SECONDS = 60.0


@pytest.fixture(autouse=True)
def runtime_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use a folder of sockets of its own, from which no other process removes what an ended process has left."""
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        yield


@contextmanager
def training(run_dir: Path, *words: str) -> Iterator[tuple[ForkedProgram, DoorFile]]:
    """Train a small model in a process of its own until the context ends, and wait for its door."""
    process = ForkedProgram(*QUIET, "-s", "train.epochs=1000", "--run-dir", run_dir, *words)
    try:
        wait_until(lambda: read_door(run_dir) is not None or process.poll() is not None, "no door", SECONDS)
        door = read_door(run_dir)
        assert door is not None, process.communicate()[1]
        yield process, door
    finally:
        process.kill()
        process.communicate()


def recorded(run_dir: Path, kind: type[Event]) -> list[Event]:
    return [event for event in read_events(run_dir) if isinstance(event, kind)]


def notes_by(run_dir: Path, author: str) -> list[str]:
    return [event.text for event in recorded(run_dir, Note) if isinstance(event, Note) and event.text.endswith(author)]


def steer(viewer: PlainViewer, run_dir: Path, command: Command, answer: type[Event]) -> None:
    """Send a command and wait until its answer is recorded."""
    before = len(recorded(run_dir, answer))
    viewer.send(Steer(command=command))
    wait_until(lambda: len(recorded(run_dir, answer)) > before, f"{command} has no effect", SECONDS)


def test_every_command_acts_on_a_paused_run(tmp_path: Path):
    run_dir = tmp_path / "run"
    with training(run_dir) as (process, door), PlainViewer(door.socket) as viewer:
        steer(viewer, run_dir, Pause(), Paused)
        steer(viewer, run_dir, SaveNow(), Note)
        steer(viewer, run_dir, Reseed(worst=3), Note)
        viewer.send(Steer(command=Adjust(name="optimizer.rate", increments=-1)))
        steer(viewer, run_dir, EvaluateNow(), Evaluated)
        steer(viewer, run_dir, RollBack(), Rewound)
        viewer.send(Steer(command=SampleNow()))
        viewer.await_samples()
        viewer.send(Steer(command=Adjust(name="no.such.setting", increments=1)), Steer(command=Stop()))
        assert process.wait(SECONDS) == 0
        viewer.receive_all()
    assert notes_by(run_dir, "alice@laptop") == [
        "paused by alice@laptop",
        "checkpoint requested by alice@laptop",
        "restart of chains requested by alice@laptop",
        "optimizer.rate decreased by alice@laptop",
        "evaluation requested by alice@laptop",
        "rollback requested by alice@laptop",
        "no.such.setting increased by alice@laptop",
        "stopped by alice@laptop",
    ]
    assert recorded(run_dir, Adjusted)
    (ending,) = recorded(run_dir, Stopped)
    assert isinstance(ending, Stopped) and ending.reason == "stopped"
    assert not (run_dir / DOOR_FILE).exists()


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGQUIT], [signal.SIGINT, signal.SIGINT]])
def test_a_signal_removes_the_address(tmp_path: Path, signals: list[signal.Signals]):
    run_dir = tmp_path / "run"
    with training(run_dir) as (process, door), PlainViewer(door.socket) as viewer:
        assert viewer.hello
        for number in signals:
            process.send_signal(number)
        assert process.wait(SECONDS) == 130
        viewer.receive_all()
        assert not (run_dir / DOOR_FILE).exists()
        assert not Path(door.socket).exists() and not door.copy_path.exists()


def test_a_killed_run_leaves_an_address_that_is_recognized_and_removed(tmp_path: Path):
    run_dir = tmp_path / "run"
    with training(run_dir) as (process, door):
        process.kill()
        process.wait(SECONDS)
        assert Path(door.socket).exists()
        assert not is_live(door)
        assert door not in live_doors()
        assert not Path(door.socket).exists() and not (run_dir / DOOR_FILE).exists()


def test_a_suspended_run_keeps_its_viewers(tmp_path: Path):
    run_dir = tmp_path / "run"
    with training(run_dir) as (process, door), PlainViewer(door.socket) as viewer:
        assert viewer.hello
        # The system ignores SIGTSTP where no shell could continue the process, as in a container
        process.send_signal(signal.SIGSTOP)
        wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED, "not suspended", SECONDS)
        viewer.receive_available()
        assert is_live(door)
        viewer.send(Steer(command=Stop()))
        process.send_signal(signal.SIGCONT)
        assert process.wait(SECONDS) == 0
        viewer.receive_all()
        assert len(viewer.log(run_dir)) > 3


def test_no_door_keeps_other_processes_out(tmp_path: Path):
    run_dir = tmp_path / "run"
    process = ForkedProgram(*TRAIN, "--max-steps", "2", "--run-dir", run_dir, "--no-door")
    output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0 and '"Stopped"' in output
    assert not (run_dir / DOOR_FILE).exists()


def test_numbers_do_not_depend_on_viewers(tmp_path: Path):
    alone, viewed = tmp_path / "alone", tmp_path / "viewed"
    process = ForkedProgram(*TRAIN, "-s", "train.epochs=1000", "--max-steps", "60", "--run-dir", alone, "--no-door")
    process.communicate(timeout=SECONDS)
    with training(viewed, "--max-steps", "60") as (process, door), PlainViewer(door.socket) as viewer:
        viewer.send(Steer(command=SampleNow()))
        process.communicate(timeout=SECONDS)
    metrics = [
        [event.metrics for event in read_events(run_dir) if hasattr(event, "metrics")] for run_dir in (alone, viewed)
    ]
    assert metrics[0] == metrics[1] and len(metrics[0]) == 60
