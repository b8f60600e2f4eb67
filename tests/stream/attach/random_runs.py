"""Random runs as lists of events, with everything that changes what earlier events amount to."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies as st

from jem_tui.events.event import At
from jem_tui.events.run import Adjusted, Diverged, Event, Note, Paused, Resumed
from tests.stream.stream_events import energies, evaluated, rewound, samples, started, step_done

ACTIONS = (
    "steps",
    "steps",
    "note",
    "samples",
    "energies",
    "scores",
    "adjust",
    "roll back",
    "pause",
    "checkpoint",
    "resume run",
)
Action = tuple[str, int]


def actions(max_size: int = 25) -> st.SearchStrategy[list[Action]]:
    """Return a strategy for lists of actions, each with a number."""
    return st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 9)), max_size=max_size)


class RandomRun:
    """The events of a run, one action after another. Times ascend, and every value is different."""

    def __init__(self) -> None:
        self.step = 0
        self.paused = False
        self._taken = 0
        self._time = 1000.0

    def start(self) -> Event:
        """Return the start of a session at the current step."""
        self.paused = False
        return started(self.step, time=self._now(), total_steps=1000)

    def events(self, action: Action) -> Iterator[Event]:
        """Yield the events of an action; "resume run" yields the start of the next session."""
        kind, number = action
        at = At(self.step, self.step * 64, self._now())
        match kind:
            case "steps":
                for _ in range(1 + number):
                    self.step += 1
                    self._taken += 1
                    yield step_done(self.step, 1 / self._taken, time=self._now())
            case "note" | "checkpoint":
                text = f"note {self._taken} {number}"
                yield Note(**at.fields(), text=text, kind="info" if kind == "note" else "checkpoint")
            case "samples":
                yield samples(self.step, 3, time=self._now())
            case "energies":
                yield energies(self.step)
            case "scores":
                yield evaluated(self.step, number / 10)
            case "adjust":
                yield Adjusted(**at.fields(), name="sgld.steps", old=float(number), new=number + 1.0)
            case "roll back":
                yield Diverged(**at.fields(), why="the loss is nan")
                lost, self.step = self.step, max(0, self.step - number)
                yield rewound(lost, self.step, time=self._now())
            case "pause":
                self.paused = not self.paused
                yield (Paused if self.paused else Resumed)(**at.fields())
            case "resume run":
                self.step = max(0, self.step - number)
                yield self.start()

    def _now(self) -> float:
        self._time += 1.0
        return self._time
