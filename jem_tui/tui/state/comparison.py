"""Comparison of the runs of a replay: names, colours, and which runs are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from jem_tui.tui.preferences.theme import RUN_COLOURS
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.run_view import RunView

PALETTE = tuple(f"${name}" for name in RUN_COLOURS)
"""Colours of compared runs, as variables of style sheets."""


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A run that is replayed next to others."""

    name: str
    colour: str
    """Colour of the name, as a variable of style sheets."""
    palette_index: int
    """Index of the colour in the palette."""
    run: RunView
    leads: bool
    """True for the run to whose steps the others are synchronized; the leading run cannot be hidden."""
    shown: bool


class RunComparison:
    """All runs of a replay, with the user's choice of which to show."""

    def __init__(self, state: RunState) -> None:
        self._state = state
        self.filter_text = ""
        """Words that the names of shown runs contain, in any order and case."""
        self._hidden: set[str] = set()

    def __len__(self) -> int:
        """Return the number of compared runs; 0 for a replay of one run."""
        return len(self._state.compared) + 1 if self._state.compared else 0

    @property
    def compared_runs(self) -> list[ComparedRun]:
        """All runs by name, including hidden ones; empty for a replay of one run."""
        state = self._state
        if not state.compared or state.run is None or state.recording is None:
            return []
        leading = state.recording.run
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
        """The runs whose names match the filter, and the leading run."""
        return [compared for compared in self.compared_runs if compared.leads or self.matches(compared.name)]

    @property
    def shown(self) -> list[ComparedRun]:
        """The runs on the charts and in the gallery of samples, the leading run first."""
        return sorted(
            (compared for compared in self.compared_runs if compared.shown), key=lambda compared: not compared.leads
        )

    def matches(self, name: str) -> bool:
        """Return whether a name contains every word of the filter."""
        return all(word in name.casefold() for word in self.filter_text.casefold().split())

    def toggle(self, name: str) -> None:
        """Hide a run, or show a hidden one."""
        self._hidden ^= {name}

    def only(self, name: str) -> None:
        """Hide all other runs, or show all runs if the others are hidden already."""
        others = {compared.name for compared in self.compared_runs} - {name}
        self._hidden = set() if self._hidden == others else others

    @property
    def choice(self) -> tuple[object, ...]:
        """A value that differs when other runs are shown."""
        return (self.filter_text, frozenset(self._hidden), len(self))

    @property
    def stamp(self) -> tuple[object, ...]:
        """A value that differs when other runs are shown, or when a run beyond the leading one has something new to draw.

        Its events may arrive after those of the leading run at the same step, even when the replay has ended.
        """
        runs = ((name, of.run) for name, of in self._state.compared.items() if of.run is not None)
        return (self.choice, *((name, run, run.step, run.changes, run.samples) for name, run in runs))

    def _is_shown(self, name: str) -> bool:
        return name not in self._hidden and self.matches(name)


def run_colours(names: Iterable[str]) -> dict[str, str]:
    """Return a colour for each name: chosen by a checksum of the name, or the next free colour of the palette."""
    colours: dict[str, str] = {}
    for name in names:
        start = crc32(name.encode(errors="surrogatepass")) % len(PALETTE)
        wanted = [PALETTE[(start + step) % len(PALETTE)] for step in range(len(PALETTE))]
        taken = set(colours.values())
        colours[name] = next((colour for colour in wanted if colour not in taken), wanted[0])
    return colours
