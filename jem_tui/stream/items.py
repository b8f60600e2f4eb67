"""What a recording is made of before it is shown: events, and places in a file where larger ones wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from jem_tui.events import Event


@dataclass(frozen=True, slots=True)
class Deferred:
    """An event with arrays, left in its file until it is shown."""

    kind: type[Event]
    step: int
    images: int
    time: float
    load: Callable[[], Event | None]
    """Reads the event; None where it cannot be decoded. Raises JemError when the file is gone."""


Item = Event | Deferred


def resolve(items: Iterable[Item]) -> Iterator[Event]:
    """The events themselves; those that cannot be decoded are left out."""
    for item in items:
        event = item.load() if isinstance(item, Deferred) else item
        if event is not None:
            yield event


def reach(items: Sequence[Item], step: int) -> int:
    """How many items it takes to be at the end of `step` for good: after a rewind a step is told again, and the last one counts."""
    return next((count for count in range(len(items), 0, -1) if items[count - 1].step <= step), 0)


def without_superseded(items: list[Item]) -> list[Item]:
    """All but the samples and energies that later ones replace on the screen; these need not be decoded."""
    latest = {item.kind: position for position, item in enumerate(items) if isinstance(item, Deferred)}
    return [
        item for position, item in enumerate(items) if not isinstance(item, Deferred) or latest[item.kind] == position
    ]
