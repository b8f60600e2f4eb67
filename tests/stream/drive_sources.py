"""Sources and a sink to test `drive` with."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from queue import Queue

from jem_tui.events.commands import Command
from jem_tui.events.run import Event, Note, Sampling, StepDone, Stopped, Wait
from jem_tui.stream.drive import Source, drive
from tests.stream.stream_events import started, step_done


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


class EmittedEvents(list[Event]):
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


def run(source: Source, *reactions: tuple[Callable[[Event], bool], list[Command]]) -> tuple[EmittedEvents, Stopped]:
    commands: Queue[Command] = Queue()
    emitted = EmittedEvents(commands, *reactions)
    return emitted, drive(lambda report: source, emitted, commands, now=lambda: 5.0)
