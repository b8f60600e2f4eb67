"""`drive` alone knows about pausing, stepping, stopping and waiting; sources are pulled, and that is all."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from queue import Queue

import pytest

from jem_tui.events.commands import Advance, Command, Pause, Reseed, Resume, SaveNow, Stop
from jem_tui.events.run import Event, Paused, Resumed, RunStarted, Sampling, Wait
from jem_tui.stream.drive import drive
from tests.stream.drive_sources import Counting, EmittedEvents, at_step, run, when
from tests.stream.stream_events import all_equal, started, step_done
from tests.wait_until import PATIENCE, wait_until


def test_a_source_is_iterated_to_its_end_and_closed():
    source = Counting(3)
    emitted, stopped = run(source)
    assert emitted.kinds() == ["RunStarted", "StepDone", "StepDone", "StepDone", "Stopped"]
    assert emitted[-1] is stopped
    assert (stopped.reason, stopped.step, stopped.images, stopped.time) == ("finished", 3, 192, 5.0)
    assert source.closed


def test_paused_stepped_and_uninterrupted_runs_emit_the_same_events():
    straight, _ = run(Counting(6, chain=2))
    paused, _ = run(Counting(6, chain=2), (at_step(2), [Pause()]), (when(Paused), [Resume()]))
    stepped, _ = run(
        Counting(6, chain=2),
        (at_step(1), [Advance(steps=2)]),
        (at_step(3), [Advance(), Advance()]),
        (at_step(5), [Resume()]),
    )
    for emitted in (paused, stepped):
        assert {"Paused", "Resumed"} <= set(emitted.kinds())
        assert all_equal([e for e in emitted if not isinstance(e, Paused | Resumed)], list(straight))


def test_paused_and_resumed_say_where():
    emitted, _ = run(Counting(3), (at_step(2), [Pause()]), (when(Paused), [Resume()]))
    assert [(e.step, e.images) for e in emitted if isinstance(e, Paused | Resumed)] == [(2, 128), (2, 128)]


def test_pausing_twice_pauses_once():
    emitted, _ = run(Counting(3), (at_step(1), [Pause(), Pause(), Resume(), Resume()]))
    assert emitted.kinds().count("Paused") == emitted.kinds().count("Resumed") == 1


def test_a_paused_source_is_not_iterated():
    commands: Queue[Command] = Queue()
    emitted = EmittedEvents(commands, (at_step(2), [Pause()]))
    thread = threading.Thread(target=drive, args=(lambda report: Counting(4), emitted, commands))
    thread.start()
    wait_until(lambda: "Paused" in emitted.kinds(), "the drive never paused")
    before = time.process_time()
    time.sleep(0.2)
    assert time.process_time() - before < 0.1
    assert emitted.kinds()[-1] == "Paused"
    commands.put(Stop(save=False))
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert emitted.kinds()[-1] == "Stopped"


def test_advance_does_exactly_as_many_steps():
    emitted, stopped = run(
        Counting(9), (at_step(2), [Advance(steps=3)]), (at_step(5), [Stop(save=False, reason="interrupted")])
    )
    assert (stopped.reason, stopped.step) == ("interrupted", 5)
    assert emitted.kinds().count("Paused") == 1


def test_stop_saves_first_unless_disabled():
    saving, hasty = Counting(), Counting()
    emitted, _ = run(saving, (at_step(2), [Stop()]))
    run(hasty, (at_step(2), [Stop(save=False)]))
    assert [type(c) for c in saving.applied] == [SaveNow]
    assert emitted.kinds()[-2:] == ["Note", "Stopped"]
    assert hasty.applied == []
    assert saving.closed and hasty.closed


def test_a_stop_without_saving_acts_within_a_step_and_a_saving_one_after_it():
    emitted, stopped = run(Counting(chain=3), (when(Sampling), [Stop(save=False)]))
    assert emitted.kinds() == ["RunStarted", "Sampling", "Stopped"]
    assert stopped.reason == "stopped"
    emitted, stopped = run(Counting(chain=3), (when(Sampling), [Stop()]))
    assert stopped.step == 1
    assert emitted.kinds()[-3:] == ["StepDone", "Note", "Stopped"]


def test_commands_act_in_order_at_the_step_boundary():
    source = Counting(2, chain=2)
    emitted, _ = run(source, (when(Sampling), [Reseed(), SaveNow()]))
    assert [type(c) for c in source.applied] == [Reseed, SaveNow]
    assert emitted.kinds()[:6] == ["RunStarted", "Sampling", "Sampling", "StepDone", "Note", "Note"]


def test_commands_are_carried_out_while_paused():
    source = Counting(3)
    emitted, _ = run(source, (at_step(1), [Pause(), Reseed(), Resume()]))
    assert emitted.kinds()[1:5] == ["StepDone", "Paused", "Note", "Resumed"]


class Waiting(Counting):
    """Waits before its only step: so long, or for ever."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def events(self) -> Generator[Event | Wait, None, None]:
        yield started()
        yield Wait(self._seconds)
        yield step_done(1)


def test_a_wait_lasts_its_time_unless_a_command_ends_it():
    before = time.monotonic()
    run(Waiting(0.1))
    assert 0.1 <= time.monotonic() - before < 30
    before = time.monotonic()
    commands: Queue[Command] = Queue()
    emitted = EmittedEvents(commands)
    threading.Timer(0.1, commands.put, [Reseed()]).start()
    drive(lambda report: Waiting(60.0), emitted, commands)
    assert time.monotonic() - before < 30
    assert emitted.kinds() == ["RunStarted", "Note", "StepDone", "Stopped"]


def test_a_single_step_does_not_wait():
    before = time.monotonic()
    run(Waiting(60.0), (when(RunStarted), [Advance()]), (at_step(1), [Resume()]))
    assert time.monotonic() - before < 30


@pytest.mark.parametrize("before", [[], [Advance()]])
def test_an_infinite_wait_blocks_until_a_command_even_while_stepping(before: list[Command]):
    commands: Queue[Command] = Queue()
    emitted = EmittedEvents(commands, (when(RunStarted), before))
    thread = threading.Thread(target=drive, args=(lambda report: Waiting(float("inf")), emitted, commands))
    thread.start()
    wait_until(lambda: "RunStarted" in emitted.kinds(), "the drive never started")
    used = time.process_time()
    time.sleep(0.2)
    assert time.process_time() - used < 0.1
    commands.put(Stop(save=False))
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert emitted.kinds()[-1] == "Stopped"


@pytest.mark.parametrize(
    "command", [Pause(), Reseed(), SaveNow(), Advance()], ids=lambda command: type(command).__name__
)
def test_commands_wait_for_the_first_event_of_the_source(command: Command):
    commands: Queue[Command] = Queue()
    for waiting in (command, Resume()):
        commands.put(waiting)
    emitted = EmittedEvents(commands)
    drive(lambda report: Counting(2), emitted, commands)
    assert emitted.kinds()[0] == "RunStarted"
    assert emitted.kinds()[-2:] == ["StepDone", "Stopped"]


def test_a_stop_before_the_first_event_ends_the_source_without_one():
    commands: Queue[Command] = Queue()
    commands.put(Stop())
    emitted = EmittedEvents(commands)
    drive(lambda report: Counting(2), emitted, commands)
    assert emitted.kinds() == ["Stopped"]
