"""Any sequence of commands to a loop that runs in a thread, against a model of the loop."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import jem_tui
from jem_tui.events.commands import (
    Adjust,
    Advance,
    Command,
    EvaluateNow,
    Pause,
    Reseed,
    Resume,
    RollBack,
    SampleNow,
    SaveNow,
    Seek,
    Stop,
)
from jem_tui.events.run import Adjusted, Note, Paused, Resumed, Rewound, StepDone
from tests.wait_until import PATIENCE, wait_until
from tests.watching.loops import pictures, recorded, status

LOW, HIGH = 1 / 8, 8.0
SECONDS = PATIENCE


class CommandMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.rate = self.expected_rate = 1.0
        self.saved: list[int] = []
        self.drawn = 0
        self.answered = threading.Event()
        self.paused_at: int | None = None
        self.expected = {SaveNow: 0, Adjusted: 0, Rewound: 0, "warning": 0, "drawn": 0}
        self.run = jem_tui.watch(self.folder / "run", door=False, samples_every=0)
        self.run.knob("rate", lambda: self.rate, self._set_rate, factor=2, low=LOW, high=HIGH)
        self.run.on(SaveNow, lambda: self.saved.append(self.run.steps))
        self.run.on(EvaluateNow, self._answer)
        self.run.on(Reseed, lambda command: 1 / 0)
        self.run.on(RollBack, lambda: max(0, self.run.steps - 3))
        self.run.samples(self._draw)
        self.thread = threading.Thread(target=self._loop)
        self.thread.start()
        self.send()

    def _loop(self) -> None:
        with self.run:
            while True:
                self.run.step(loss=1.0)

    def _set_rate(self, value: float) -> None:
        self.rate = value

    def _answer(self) -> None:
        self.answered.set()

    def _draw(self) -> object:
        self.drawn += 1
        return pictures()

    def send(self, *commands: Command) -> None:
        """Send commands, and wait until all of them are carried out."""
        self.answered.clear()
        for command in (*commands, EvaluateNow()):
            self.run.send(command)
        assert self.answered.wait(SECONDS), f"{commands} were not answered"

    @rule()
    def pause(self) -> None:
        self.send(Pause())
        self.paused_at = self.run.steps

    @rule()
    def resume(self) -> None:
        self.send(Resume())
        self.paused_at = None

    @precondition(lambda self: self.paused_at is not None)
    @rule(steps=st.integers(1, 5), more=st.integers(0, 3))
    def advance(self, steps: int, more: int) -> None:
        self.paused_at += steps + more
        for count in filter(None, (steps, more)):
            self.run.send(Advance(steps=count))
        wait_until(lambda: self.run.steps == self.paused_at, "the steps were not taken", SECONDS)
        self.send()

    @rule(increments=st.integers(-5, 5))
    def adjust(self, increments: int) -> None:
        new = max(LOW, min(HIGH, self.expected_rate * 2.0**increments))
        self.expected[Adjusted] += new != self.expected_rate
        self.expected_rate = new
        self.send(Adjust(name="rate", increments=increments))
        assert self.rate == new

    @rule()
    def save(self) -> None:
        self.expected[SaveNow] += 1
        self.send(SaveNow())

    @rule()
    def sample(self) -> None:
        self.expected["drawn"] += 1
        self.send(SampleNow())

    @rule()
    def fail(self) -> None:
        self.expected["warning"] += 3
        self.send(Reseed(), Seek(step=3), Adjust(name="no such knob", increments=1))

    @precondition(lambda self: self.paused_at is not None)
    @rule()
    def roll_back(self) -> None:
        self.expected[Rewound] += 1
        self.paused_at = max(0, self.paused_at - 3)
        self.send(RollBack())

    @invariant()
    def a_paused_loop_takes_no_step(self) -> None:
        assert self.paused_at in (None, self.run.steps)

    def teardown(self) -> None:
        self.run.send(Stop())
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()
        folder = self.folder / "run"
        assert status(folder) == "stopped"
        assert len(self.saved) == self.expected[SaveNow] + 1
        assert self.drawn == self.expected["drawn"]
        assert len(recorded(folder, Adjusted)) == self.expected[Adjusted]
        assert len(recorded(folder, Rewound)) == self.expected[Rewound]
        assert [note.kind for note in recorded(folder, Note)].count("warning") == self.expected["warning"]
        pauses = [type(event) for event in recorded(folder, Paused | Resumed)]
        assert pauses == [Paused, Resumed] * (len(pauses) // 2) + [Paused] * (len(pauses) % 2)
        steps = recorded(folder, StepDone)
        assert steps[-1].step == self.run.steps or self.expected[Rewound]
        shutil.rmtree(self.folder)


TestAnyCommands = CommandMachine.TestCase
TestAnyCommands.settings = settings(max_examples=10, stateful_step_count=15, deadline=None)
