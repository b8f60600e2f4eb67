"""Recorded samples of a live run, from which the screen makes films of chains."""

from __future__ import annotations

from jem_tui.events.chain_facts import ChainFilm
from jem_tui.events.run import Samples
from jem_tui.stream.log_data.chain_film import film_of, frame_places, state_of

MOST_BYTES = 16 << 20
"""Size of the images beyond which every second event is forgotten."""
FEWEST = 4
"""Number of events that are kept even beyond that size."""


class FilmStore:
    """Keeps the recorded samples of a run within a bound of memory, the later ones at the same distances as the earlier ones."""

    def __init__(self) -> None:
        self._events: list[Samples] = []
        self._stride = 1
        """Number of recorded events of which one is kept."""
        self._skipped = 0

    def add(self, samples: Samples) -> None:
        """Keep an event with recorded samples, in place of those that its step makes void."""
        self.truncate_after(samples.step - 1)
        self._skipped += 1
        if self._skipped < self._stride:
            return
        self._skipped = 0
        self._events.append(samples)
        while len(self._events) > FEWEST and sum(each.tiles.nbytes for each in self._events) > MOST_BYTES:
            self._events = self._events[::2]
            self._stride *= 2

    def truncate_after(self, step: int) -> None:
        """Forget the events after `step`."""
        while self._events and self._events[-1].step > step:
            self._events.pop()

    def film(self, newest: Samples, chain: int) -> ChainFilm | None:
        """Return the film of a chain that ends with the newest samples; None without such a chain."""
        events = [each for each in self._events if each.step < newest.step and chain < len(each.tiles)]
        events += [newest] if chain < len(newest.tiles) else []
        return film_of([state_of(events[place], chain) for place in frame_places(len(events))], chain)
