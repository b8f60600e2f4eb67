"""What a recording is made of before it is shown: events, and places in a file where larger ones wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from jem_tui.errors import JemError
from jem_tui.events.recording import Look, Looks
from jem_tui.events.run import At, Evaluated, Event, Note, Rewound, StepDone
from jem_tui.printable import printable
from jem_tui.stream.log_data.step_table import StepRows


class Source(NamedTuple):
    """Where in a file an event can be read again."""

    path: Path
    offset: int
    length: int

    def read(self) -> bytes:
        """The record's payload; raises JemError when the file is gone."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                return file.read(self.length)
        except OSError as error:
            why = f"{self.path} can no longer be read: {error.strerror}."
            raise JemError(why, "Is the folder still there?") from error


MOST_LOOKS = 512
"""At the chains of a run that are kept."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """An event with arrays, left in its file until it is shown."""

    kind: type[Event]
    step: int
    images: int
    time: float
    load: Callable[[], Event | None]
    """Reads the event; None where it cannot be decoded. Raises JemError when the file is gone."""
    source: Source
    tag: str = ""
    """Which of several things of a kind it is about."""
    look: Look | None = field(default=None, compare=False)
    """What is known of chains without reading the event."""

    @property
    def at(self) -> At:
        """The moment of the event."""
        return At(self.step, self.images, self.time)


Item = Event | Deferred | StepRows


def resolve(items: Iterable[Item]) -> Iterator[Event]:
    """Yield the events themselves, and a note in place of an event that cannot be decoded."""
    for item in items:
        if isinstance(item, StepRows):
            yield from item.events()
            continue
        event = item.load() if isinstance(item, Deferred) else item
        yield _undecodable(item) if event is None else event


def _undecodable(item: Item) -> Note:
    what = printable(getattr(item, "tag", "")) or getattr(item, "kind", type(item)).__name__.lower()
    text = f"{what} of step {item.step} cannot be decoded and is left out"
    return Note(**item.at.fields(), text=text, kind="warning")


def cut(items: list[Item], step: int) -> int:
    """Drop everything after `step` for good: a rewound run logs a step again, and its last values count.

    Return how many points that voids.
    """
    void = 0
    while items:
        last = items.pop()
        kept = last.reaching(step) if isinstance(last, StepRows) else last if last.step <= step else None
        void += _points_in(last)
        if kept is not None:
            items.append(kept)
            return void - _points_in(kept)
    return void


def _points_in(item: Item) -> int:
    match item:
        case StepRows() | StepDone():
            return points_of(item, item.metrics)
        case Evaluated(scores=scores):
            return len(scores)
    return 0


def points_of(item: StepDone | StepRows, tags: Iterable[str]) -> int:
    """Count the points of these tags."""
    return sum(len(item.metrics[tag].values) if isinstance(item, StepRows) else 1 for tag in tags)


def without_tags(item: StepDone | StepRows, tags: Iterable[str]) -> StepDone | StepRows:
    """Return a copy of steps that has no values of these tags."""
    left_out = set(tags)
    if isinstance(item, StepDone):
        return replace(item, metrics={tag: value for tag, value in item.metrics.items() if tag not in left_out})
    return replace(item, metrics={tag: values for tag, values in item.metrics.items() if tag not in left_out})


def without_superseded(items: list[Item]) -> list[Item]:
    """All but what later ones of its kind and tag replace on the screen; that need not be decoded."""
    latest = {(item.kind, item.tag): position for position, item in enumerate(items) if isinstance(item, Deferred)}
    return [
        item
        for position, item in enumerate(items)
        if not isinstance(item, Deferred) or latest[item.kind, item.tag] == position
    ]


def passed_over(items: Iterable[Item]) -> Iterator[Looks]:
    """The looks at chains, of which the last one's pictures are shown, without those that a rewind has made void."""
    looked: list[tuple[Deferred, Look]] = []
    for item in items:
        if isinstance(item, Rewound):
            looked = [each for each in looked if each[0].step <= item.step]
        elif isinstance(item, Deferred) and item.look is not None:
            looked.append((item, item.look))
    if len(looked) > 1:
        last = looked[-2][0]
        looks = tuple(look for _, look in looked[:-1][-MOST_LOOKS:])
        yield Looks(**last.at.fields(), looks=looks)
