"""Films of chains from a recording, whose images stay in their files until they are displayed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard

from jem_tui.errors import JemError
from jem_tui.events.chain_facts import ChainFilm
from jem_tui.events.run import Event, Rewound, RunStarted, Samples
from jem_tui.stream.log_data.chain_film import film_of, frame_places, state_of
from jem_tui.stream.log_data.entries import DeferredEvent, Entry

Recorded = DeferredEvent | Samples


class FilmReader:
    """Reads the states of one chain, and keeps them until another chain is requested."""

    def __init__(self) -> None:
        self._chain = -1
        self._known: dict[Recorded, Samples | None] = {}

    def film(self, entries: Iterable[Entry], chain: int) -> ChainFilm | None:
        """Return the film of a chain from the entries of a recording up to a position; None without any of its states."""
        if chain != self._chain:
            self._chain, self._known = chain, {}
        recorded = valid_samples(entries)
        chosen = [recorded[place] for place in frame_places(len(recorded))]
        self._known = {entry: self._known.get(entry) or one_state(entry, chain) for entry in chosen}
        return film_of([state for state in self._known.values() if state is not None], chain)


def valid_samples(entries: Iterable[Entry]) -> list[Recorded]:
    """Return the samples of a recording that no later rollback or session start makes void."""
    found: list[Recorded] = []
    for entry in entries:
        if isinstance(entry, Rewound | RunStarted):
            while found and found[-1].step > entry.step:
                found.pop()
        elif is_samples(entry):
            found.append(entry)
    return found


def is_samples(entry: Entry) -> TypeGuard[Recorded]:
    """Return whether an entry holds chains, not pictures of another program."""
    kind = entry.kind if isinstance(entry, DeferredEvent) else type(entry)
    return kind is Samples


def one_state(entry: Recorded, chain: int) -> Samples | None:
    """Return the state of a chain at an entry; None where it cannot be read or has fewer chains."""
    try:
        event: Event | None = entry.load() if isinstance(entry, DeferredEvent) else entry
    except JemError:
        return None
    return state_of(event, chain) if isinstance(event, Samples) and chain < len(event.tiles) else None
