"""Commands with an author: they act as without one, and a note names the author."""

from __future__ import annotations

from collections.abc import Iterable
from queue import SimpleQueue

import pytest

from jem_tui.events.commands import (
    Adjust,
    Advance,
    Authored,
    Command,
    EvaluateNow,
    Pause,
    Reseed,
    Resume,
    RollBack,
    SampleNow,
    SaveNow,
    Stop,
    UndoRestart,
)
from jem_tui.events.describe import attribution
from jem_tui.events.run import Event, Note, Paused, Resumed, Sampling, StepDone
from jem_tui.stream.run_control import RunControl


class Loop:
    """A run that its test steps by hand."""

    def __init__(self) -> None:
        self.shown: list[Event] = []
        self.applied: list[Command] = []
        self._queue: SimpleQueue[Command] = SimpleQueue()
        self._control = RunControl(self.shown.append, self._queue, lambda: 0.0)
        self._control.forward(StepDone(step=1, images=64, time=0.0, epoch=0, metrics={}))
        self.shown.clear()

    def forward(self, event: Event) -> None:
        self._control.forward(event)

    def obey(self, *commands: Command) -> Stop | None:
        for command in commands:
            self._queue.put(command)
        return self._control.apply_pending(self._apply)

    def notes(self) -> list[str]:
        return [event.text for event in self.shown if isinstance(event, Note)]

    def _apply(self, command: Command) -> Iterable[Event]:
        self.applied.append(command)
        return ()


def by_alice(command: Command) -> Authored:
    return Authored(command=command, author="alice@laptop")


def test_the_source_gets_the_command_without_its_author():
    loop = Loop()
    assert loop.obey(by_alice(Adjust(name="optimizer.rate", increments=-1))) is None
    assert loop.applied == [Adjust(name="optimizer.rate", increments=-1)]
    assert loop.notes() == ["optimizer.rate decreased by alice@laptop"]


def test_a_pause_and_its_end_are_attributed_once():
    loop = Loop()
    loop.obey(by_alice(Resume()), by_alice(Pause()), by_alice(Pause()), by_alice(Resume()))
    assert [type(event) for event in loop.shown] == [Note, Paused, Note, Resumed]
    assert loop.notes() == ["paused by alice@laptop", "resumed by alice@laptop"]


def test_requests_for_samples_leave_no_note():
    loop = Loop()
    loop.obey(by_alice(SampleNow()))
    assert (loop.applied, loop.shown) == ([SampleNow()], [])


def test_commands_without_an_author_leave_no_note():
    loop = Loop()
    loop.obey(SaveNow(), Authored(command=SaveNow(), author=""))
    assert (loop.applied, loop.shown) == ([SaveNow(), SaveNow()], [])


@pytest.mark.parametrize("save", [True, False])
def test_a_stop_is_attributed_and_obeyed_like_any_other(save: bool):
    loop = Loop()
    assert loop.obey(by_alice(Stop(save=save))) == Stop(save=save)
    assert loop.notes() == ["stopped by alice@laptop" if save else "stopped without a checkpoint by alice@laptop"]


def test_a_stop_without_a_checkpoint_acts_inside_a_step():
    loop = Loop()
    loop.forward(Sampling(step=1, images=64, time=0.0, k=1, of=5))
    assert loop.obey(by_alice(Pause()), by_alice(Stop())) is None
    assert loop.obey(by_alice(Stop(save=False))) == Stop(save=False)
    assert loop.notes() == ["stopped without a checkpoint by alice@laptop"]


@pytest.mark.parametrize(
    "command",
    [
        Advance(steps=2),
        Reseed(),
        SaveNow(),
        EvaluateNow(),
        RollBack(),
        UndoRestart(),
        Adjust(name="\x1b", increments=1),
    ],
)
def test_every_change_has_a_printable_line(command: Command):
    text = attribution(Authored(command=command, author="\x1b[2Jalice"))
    assert text.isprintable() and text.endswith(r" by \x1b[2Jalice") and len(text.split()) > 2
