"""The runs of a replay beside one another: their names, their colours, and which of them are shown."""

from __future__ import annotations

from dataclasses import dataclass

from jem_tui.tui.state.run_colours import PALETTE, run_colours
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.run_view import RunView


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A run of a replay of several."""

    name: str
    colour: str
    """#rrggbb, by name."""
    place: int
    """Of that colour in the palette."""
    run: RunView
    leads: bool
    """Its step is that of the slider; it cannot be hidden."""
    shown: bool


class RunComparison:
    """Who takes part, and the user's choice among them."""

    def __init__(self, state: RunState) -> None:
        self._state = state
        self.wanted = ""
        """What names must contain: words, in any order and case."""
        self._hidden: set[str] = set()

    def __len__(self) -> int:
        """Runs that are played together; 0 while it is one alone."""
        return len(self._state.compared) + 1 if self._state.compared else 0

    @property
    def compared_runs(self) -> list[ComparedRun]:
        """All runs by name, those that the filter leaves out without being shown; empty while it is one alone."""
        state = self._state
        if not state.compared or state.run is None or state.outlook is None:
            return []
        leading = state.outlook.run
        runs = {leading: state.run} | {name: of.run for name, of in state.compared.items() if of.run is not None}
        names = sorted(runs)
        colours = run_colours(names)
        return [
            ComparedRun(
                name,
                colours[name],
                PALETTE.index(colours[name]),
                runs[name],
                name == leading,
                name == leading or self._is_shown(name),
            )
            for name in names
        ]

    @property
    def listed(self) -> list[ComparedRun]:
        """Those that the filter lets through, and the one that leads."""
        return [compared for compared in self.compared_runs if compared.leads or self.matches(compared.name)]

    @property
    def shown(self) -> list[ComparedRun]:
        """Those on the charts and beside the samples, the one that leads first."""
        return sorted(
            (compared for compared in self.compared_runs if compared.shown), key=lambda compared: not compared.leads
        )

    def matches(self, name: str) -> bool:
        """Whether a name has every word of the filter in it."""
        return all(word in name.casefold() for word in self.wanted.casefold().split())

    def toggle(self, name: str) -> None:
        """Show a run that is hidden, or hide it."""
        self._hidden ^= {name}

    def only(self, name: str) -> None:
        """Hide all others, or show all again if they are hidden already."""
        others = {compared.name for compared in self.compared_runs} - {name}
        self._hidden = set() if self._hidden == others else others

    @property
    def choice(self) -> tuple[object, ...]:
        """Differs when something else is shown."""
        return (self.wanted, frozenset(self._hidden), len(self))

    def _is_shown(self, name: str) -> bool:
        return name not in self._hidden and self.matches(name)
