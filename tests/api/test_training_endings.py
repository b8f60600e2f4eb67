"""Training as an iterator: every way in which a loop can end, and viewers."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Iterable
from itertools import islice
from pathlib import Path

import pytest

from jem_tui.api.recorded_run import open_run
from jem_tui.api.training import Training
from jem_tui.errors import DivergenceError, InputError, JemError
from jem_tui.events import (
    Command,
    Event,
    Note,
    RunStarted,
    SaveNow,
    StepDone,
    Stopped,
)
from jem_tui.stream.attach.door_file import DOOR_FILE, read_door
from jem_tui.stream.attach.messages import Steer
from jem_tui.stream.runs.run_lock import is_being_written
from tests.stream.attach.plain_viewer import PlainViewer
from tests.stream.stream_events import started, step_done
from tests.wait_until import wait_until


class Steps:
    """A source of endless steps that calls `act` in step `at`, and answers commands with a note."""

    def __init__(self, act: Callable[[], object] = lambda: None, at: int = 2) -> None:
        self._act, self._at = act, at

    def events(self) -> Generator[Event, None, None]:
        yield started(config={})
        step = 0
        while True:
            step += 1
            if step == self._at:
                self._act()
            yield step_done(step)

    def apply(self, command: Command) -> Iterable[Event]:
        return [Note(step=1, images=64, time=1.0, text=type(command).__name__)]


def training(folder: Path, act: Callable[[], object] = lambda: None, at: int = 2, door: bool = False) -> Training:
    return Training(lambda report: Steps(act, at), folder, door)


def ended(folder: Path) -> tuple[str, list[str]]:
    """Return how a run has ended, and its notes."""
    assert not is_being_written(folder)
    run = open_run(folder)
    return run.status, [note.text for note in run.notes]


def test_a_run_that_is_dropped_before_its_first_event_leaves_no_folder(tmp_path: Path):
    training(tmp_path / "run")
    with training(tmp_path / "run"):
        pass
    assert not (tmp_path / "run").exists()


def test_an_exception_in_the_loop_saves_and_stops(tmp_path: Path):
    with pytest.raises(ZeroDivisionError):
        for event in training(tmp_path / "run"):
            if event.step == 3:
                _ = 1 / 0
    assert ended(tmp_path / "run") == ("stopped", ["SaveNow"])


def test_a_with_block_ends_a_run_that_has_a_name(tmp_path: Path):
    with training(tmp_path / "run") as events:
        assert isinstance(next(events), RunStarted)
        assert is_being_written(events.run_dir)
    assert ended(tmp_path / "run") == ("stopped", ["SaveNow"])
    assert list(events) == []


def test_closing_twice_ends_once(tmp_path: Path):
    events = training(tmp_path / "run")
    next(events)
    events.close()
    events.close()
    assert ended(tmp_path / "run") == ("stopped", ["SaveNow"])


def test_closing_inside_a_step_saves_and_stops_after_the_step(tmp_path: Path):
    events = training(tmp_path / "run", lambda: events.close())
    assert [type(event).__name__ for event in events] == ["RunStarted", "StepDone", "StepDone", "Note", "Stopped"]
    assert ended(tmp_path / "run") == ("stopped", ["SaveNow"])


def test_another_thread_closes_after_the_step_under_way(tmp_path: Path):
    inside, closing = threading.Event(), threading.Thread(target=lambda: (inside.wait(), events.close()))

    def wait_for_the_request():
        inside.set()
        wait_until(lambda: not events._run.commands.empty(), "the other thread does not close")

    events = training(tmp_path / "run", wait_for_the_request)
    closing.start()
    taken = list(events)
    closing.join()
    assert [type(event).__name__ for event in taken[:3]] == ["RunStarted", "StepDone", "StepDone"]
    assert ended(tmp_path / "run") == ("stopped", ["SaveNow"])


def test_threads_that_share_an_iterator_advance_it_one_at_a_time(tmp_path: Path):
    events, taken = training(tmp_path / "run"), []
    threads = [threading.Thread(target=lambda: taken.extend(islice(events, 50))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events.close()
    assert sorted(event.step for event in taken if isinstance(event, StepDone)) == list(range(1, 150))


def test_a_step_that_takes_the_next_step_is_refused(tmp_path: Path):
    events = training(tmp_path / "run", lambda: next(events))
    with pytest.raises(RuntimeError, match="cannot take the next step"):
        list(events)
    assert ended(tmp_path / "run")[0] == "failed"


def test_an_interruption_of_the_loop_is_recorded_as_one(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), training(tmp_path / "run") as events:
        next(events)
        signal.raise_signal(signal.SIGINT)
    assert ended(tmp_path / "run") == ("interrupted", ["SaveNow"])


def test_an_interruption_inside_a_step_finishes_the_step_and_saves(tmp_path: Path):
    events = training(tmp_path / "run", lambda: signal.raise_signal(signal.SIGINT))
    taken = []
    with pytest.raises(KeyboardInterrupt):
        iter_into(events, taken)
    assert [type(event).__name__ for event in taken] == ["RunStarted", "StepDone", "StepDone", "Note", "Stopped"]
    assert ended(tmp_path / "run") == ("interrupted", ["SaveNow"])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_interruption_does_not_wait_for_the_step(tmp_path: Path):
    def interrupt_twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the step continued")

    with pytest.raises(KeyboardInterrupt):
        for _ in training(tmp_path / "run", interrupt_twice):
            pass
    assert ended(tmp_path / "run") == ("interrupted", [])


def test_a_handler_of_the_program_is_left_alone(tmp_path: Path):
    received = []
    before = signal.signal(signal.SIGINT, lambda number, frame: received.append(number))
    try:
        for event in training(tmp_path / "run", lambda: signal.raise_signal(signal.SIGINT)):
            if event.step == 3:
                break
    finally:
        signal.signal(signal.SIGINT, before)
    assert received == [signal.SIGINT]
    assert ended(tmp_path / "run")[0] == "stopped"


@pytest.mark.parametrize(
    ("error", "status"),
    [(DivergenceError("It diverged.", "Try."), "diverged"), (ValueError("odd"), "failed"), (JemError("No."), "failed")],
)
def test_the_error_that_ends_a_run_is_raised_after_its_last_event(tmp_path: Path, error: Exception, status: str):
    def fail():
        raise error

    taken: list[Event] = []
    with pytest.raises(type(error)) as caught:
        iter_into(training(tmp_path / "run", fail), taken)
    assert caught.value is error
    assert isinstance(taken[-1], Stopped)
    assert ended(tmp_path / "run")[0] == status


def test_a_folder_that_cannot_be_written_raises_the_error_of_the_recorder(tmp_path: Path):
    (tmp_path / "run").touch()
    with pytest.raises(JemError, match="cannot be recorded"):
        list(training(tmp_path / "run"))


def test_a_source_that_cannot_be_built_raises_its_error(tmp_path: Path):
    def refuse(report):
        report("reading", None)
        raise InputError("There is no data.", "Bring some.")

    taken: list[Event] = []
    with pytest.raises(InputError, match=r"There is no data\. Bring some\."):
        iter_into(Training(refuse, tmp_path / "run"), taken)
    assert [type(event) for event in taken] == [Stopped]
    assert not (tmp_path / "run").exists()


def test_a_viewer_steers_a_run(tmp_path: Path):
    with training(tmp_path / "run", door=True) as events:
        next(events)
        wait_until(lambda: read_door(tmp_path / "run") is not None, "the door does not open")
        door = read_door(tmp_path / "run")
        with PlainViewer(door.socket) as viewer:
            assert viewer.hello.run_dir == str(tmp_path / "run")
            viewer.send(Steer(command=SaveNow()))
            texts = (event.text for event in events if isinstance(event, Note))
            assert next(text for text in texts if "by alice@laptop" in text)
    assert read_door(tmp_path / "run") is None


def test_a_run_without_a_door_has_no_address(tmp_path: Path):
    with training(tmp_path / "run") as events:
        next(events)
        assert not (tmp_path / "run" / DOOR_FILE).exists()


def iter_into(events: Iterable[Event], taken: list[Event]) -> None:
    """Append events to a list as they come, so that those before an exception are known."""
    for event in events:
        taken.append(event)
