"""`drive` alone knows about pausing, stepping, stopping and failing; sources are pulled, and that is all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable
from queue import Queue

import pytest
from stream_events import all_equal, started, step_done

from jem_tui.errors import DivergenceError, InputError, JemError
from jem_tui.events import (
    Advance,
    Command,
    Event,
    Loading,
    Note,
    Pause,
    Paused,
    Reseed,
    Resume,
    Resumed,
    RunStarted,
    Sampling,
    SaveNow,
    StepDone,
    Stop,
    Stopped,
    Wait,
)
from jem_tui.stream.drive import Source, drive


class Counting:
    """A source of steps that notes what was done to it."""

    def __init__(self, steps: int = 5, chain: int = 0) -> None:
        self._steps = steps
        self._chain = chain
        self._now_at = 0
        self.closed = False
        self.applied: list[Command] = []

    def events(self) -> Generator[Event | Wait, None, None]:
        try:
            yield started()
            for step in range(1, self._steps + 1):
                for k in range(self._chain):
                    yield Sampling(step=step - 1, images=0, time=0.0, k=k, of=self._chain)
                self._now_at = step
                yield step_done(step)
        finally:
            self.closed = True

    def apply(self, command: Command) -> Iterable[Event]:
        self.applied.append(command)
        yield Note(step=self._now_at, images=0, time=0.0, text=type(command).__name__)


class Told(list[Event]):
    """A sink that keeps every event, and gives commands when certain events pass."""

    def __init__(self, commands: Queue[Command], *reactions: tuple[Callable[[Event], bool], list[Command]]) -> None:
        super().__init__()
        self._commands = commands
        self._reactions = list(reactions)

    def __call__(self, event: Event) -> None:
        self.append(event)
        for reaction in list(self._reactions):
            if reaction[0](event):
                self._reactions.remove(reaction)
                for command in reaction[1]:
                    self._commands.put(command)

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self]


def at_step(step: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, StepDone) and event.step == step


def when(kind: type[Event]) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, kind)


def run(source: Source, *reactions: tuple[Callable[[Event], bool], list[Command]]) -> tuple[Told, Stopped]:
    commands: Queue[Command] = Queue()
    told = Told(commands, *reactions)
    return told, drive(lambda report: source, told, commands, now=lambda: 5.0)


def test_a_source_is_pulled_to_its_end_and_closed():
    source = Counting(3)
    told, stopped = run(source)
    assert told.kinds() == ["RunStarted", "StepDone", "StepDone", "StepDone", "Stopped"]
    assert told[-1] is stopped
    assert (stopped.reason, stopped.step, stopped.images, stopped.time) == ("finished", 3, 192, 5.0)
    assert source.closed


def test_paused_stepped_and_straight_runs_tell_the_same():
    straight, _ = run(Counting(6, chain=2))
    paused, _ = run(Counting(6, chain=2), (at_step(2), [Pause()]), (when(Paused), [Resume()]))
    stepped, _ = run(
        Counting(6, chain=2),
        (at_step(1), [Advance(steps=2)]),
        (at_step(3), [Advance(), Advance()]),
        (at_step(5), [Resume()]),
    )
    for told in (paused, stepped):
        assert {"Paused", "Resumed"} <= set(told.kinds())
        assert all_equal([e for e in told if not isinstance(e, Paused | Resumed)], list(straight))


def test_paused_and_resumed_say_where():
    told, _ = run(Counting(3), (at_step(2), [Pause()]), (when(Paused), [Resume()]))
    assert [(e.step, e.images) for e in told if isinstance(e, Paused | Resumed)] == [(2, 128), (2, 128)]


def test_pausing_twice_pauses_once():
    told, _ = run(Counting(3), (at_step(1), [Pause(), Pause(), Resume(), Resume()]))
    assert told.kinds().count("Paused") == told.kinds().count("Resumed") == 1


def test_paused_means_blocked():
    commands: Queue[Command] = Queue()
    told = Told(commands, (at_step(2), [Pause()]))
    thread = threading.Thread(target=drive, args=(lambda report: Counting(4), told, commands))
    thread.start()
    deadline = time.monotonic() + 5
    while "Paused" not in told.kinds() and time.monotonic() < deadline:
        time.sleep(0.005)
    before = time.process_time()
    time.sleep(0.2)
    assert time.process_time() - before < 0.1
    assert told.kinds()[-1] == "Paused"
    commands.put(Stop(save=False))
    thread.join(5)
    assert not thread.is_alive()
    assert told.kinds()[-1] == "Stopped"


def test_advance_does_exactly_as_many_steps():
    told, stopped = run(
        Counting(9), (at_step(2), [Advance(steps=3)]), (at_step(5), [Stop(save=False, reason="interrupted")])
    )
    assert (stopped.reason, stopped.step) == ("interrupted", 5)
    assert told.kinds().count("Paused") == 1


def test_stop_saves_first_unless_told_not_to():
    saving, hasty = Counting(), Counting()
    told, _ = run(saving, (at_step(2), [Stop()]))
    run(hasty, (at_step(2), [Stop(save=False)]))
    assert [type(c) for c in saving.applied] == [SaveNow]
    assert told.kinds()[-2:] == ["Note", "Stopped"]
    assert hasty.applied == []
    assert saving.closed and hasty.closed


def test_a_hasty_stop_acts_in_the_middle_of_a_step_and_a_saving_one_after_it():
    told, stopped = run(Counting(chain=3), (when(Sampling), [Stop(save=False)]))
    assert told.kinds() == ["RunStarted", "Sampling", "Stopped"]
    assert stopped.reason == "stopped"
    told, stopped = run(Counting(chain=3), (when(Sampling), [Stop()]))
    assert stopped.step == 1
    assert told.kinds()[-3:] == ["StepDone", "Note", "Stopped"]


def test_commands_act_in_order_at_the_step_boundary():
    source = Counting(2, chain=2)
    told, _ = run(source, (when(Sampling), [Reseed(), SaveNow()]))
    assert [type(c) for c in source.applied] == [Reseed, SaveNow]
    assert told.kinds()[:6] == ["RunStarted", "Sampling", "Sampling", "StepDone", "Note", "Note"]


def test_commands_are_carried_out_while_paused():
    source = Counting(3)
    told, _ = run(source, (at_step(1), [Pause(), Reseed(), Resume()]))
    assert told.kinds()[1:5] == ["StepDone", "Paused", "Note", "Resumed"]


class Failing(Counting):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def events(self) -> Generator[Event | Wait, None, None]:
        yield started()
        yield step_done(1)
        raise self._error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (JemError("Bad.", "Try."), "failed"),
        (InputError("Bad.", "Try."), "refused"),
        (DivergenceError("Bad.", "Try."), "diverged"),
    ],
)
def test_an_explained_failure_ends_the_run_as_it_says(error: JemError, reason: str):
    told, stopped = run(Failing(error))
    assert (stopped.reason, stopped.error, stopped.details, stopped.step) == (reason, "Bad. Try.", "", 1)
    assert told[-1] is stopped


def test_an_unexpected_failure_is_a_sentence_and_a_traceback():
    _, stopped = run(Failing(ZeroDivisionError("by zero")))
    assert stopped.reason == "failed"
    assert stopped.error == "Unexpected ZeroDivisionError: by zero."
    assert "Traceback" in stopped.details and "in events" in stopped.details


def test_loading_is_reported_and_may_fail():
    commands: Queue[Command] = Queue()
    told = Told(commands)

    def open_source(report: Callable[[str, float | None], None]) -> Source:
        report("downloading", 0.5)
        raise InputError("No network.")

    stopped = drive(open_source, told, commands, now=lambda: 5.0)
    assert told[0] == Loading(step=0, images=0, time=5.0, text="downloading", fraction=0.5)
    assert (stopped.reason, stopped.error) == ("refused", "No network.")


def test_a_failing_sink_ends_the_run_and_still_gets_its_end():
    source, commands, told = Counting(), Queue(), []

    def sink(event: Event) -> None:
        told.append(event)
        if isinstance(event, StepDone):
            raise JemError("Disk full.")

    stopped = drive(lambda report: source, sink, commands)
    assert (stopped.reason, stopped.error, stopped.step) == ("failed", "Disk full.", 1)
    assert told[-1] is stopped
    assert source.closed


class Waiting(Counting):
    """Waits before its only step: so long, or for ever."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def events(self) -> Generator[Event | Wait, None, None]:
        yield started()
        yield Wait(self._seconds)
        yield step_done(1)


def test_a_wait_takes_its_time_and_a_command_ends_it():
    before = time.monotonic()
    run(Waiting(0.1))
    assert 0.1 <= time.monotonic() - before < 2
    before = time.monotonic()
    commands: Queue[Command] = Queue()
    told = Told(commands)
    threading.Timer(0.1, commands.put, [Reseed()]).start()
    drive(lambda report: Waiting(60.0), told, commands)
    assert time.monotonic() - before < 5
    assert told.kinds() == ["RunStarted", "Note", "StepDone", "Stopped"]


def test_a_single_step_does_not_wait():
    before = time.monotonic()
    run(Waiting(60.0), (when(RunStarted), [Advance()]), (at_step(1), [Resume()]))
    assert time.monotonic() - before < 5


@pytest.mark.parametrize("before", [[], [Advance()]])
def test_a_wait_for_ever_blocks_until_a_command_comes_even_while_stepping(before: list[Command]):
    commands: Queue[Command] = Queue()
    told = Told(commands, (when(RunStarted), before))
    thread = threading.Thread(target=drive, args=(lambda report: Waiting(float("inf")), told, commands))
    thread.start()
    time.sleep(0.05)
    used = time.process_time()
    time.sleep(0.2)
    assert time.process_time() - used < 0.1
    commands.put(Stop(save=False))
    thread.join(5)
    assert not thread.is_alive()
    assert told.kinds()[-1] == "Stopped"
