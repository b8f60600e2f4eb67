"""Entries of a recording: events, and references to large events that stay in their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from jem_tui.errors import JemError
from jem_tui.events.recording import ChainSnapshot, SkippedSamples
from jem_tui.events.run import At, Evaluated, Event, Note, StepDone
from jem_tui.printable import printable
from jem_tui.regular_file import open_regular
from jem_tui.stream.log_data.step_table import StepTable


class FileSpan(NamedTuple):
    """The place of a record's payload in a file."""

    path: Path
    offset: int
    length: int

    def read(self) -> bytes:
        """Return the payload. Raises JemError if the file no longer exists."""
        try:
            with open_regular(self.path) as file:
                file.seek(self.offset)
                return file.read(self.length)
        except OSError as error:
            why = f"{self.path} can no longer be read: {error.strerror}."
            raise JemError(why, "Is the folder still there?") from error


MOST_SNAPSHOTS = 512
"""Maximum number of chain snapshots that are kept for a run."""


@dataclass(frozen=True, slots=True)
class DeferredEvent:
    """An event with arrays that stays in its file until it is displayed."""

    kind: type[Event]
    step: int
    images: int
    time: float
    load: Callable[[], Event | None]
    """A function that reads the event and returns None where it cannot be decoded. Raises JemError if the file no longer exists."""
    span: FileSpan
    tag: str = ""
    """The tag, where a recording has several series of one kind."""
    snapshot: ChainSnapshot | None = field(default=None, compare=False)
    """Energies and restarts of the chains, known without loading the event."""

    @property
    def at(self) -> At:
        """The moment of the event."""
        return At(self.step, self.images, self.time)


Entry = Event | DeferredEvent | StepTable


def resolve(entries: Iterable[Entry]) -> Iterator[Event]:
    """Yield the events, and a note in place of an event that cannot be decoded."""
    for entry in entries:
        if isinstance(entry, StepTable):
            yield from entry.events()
            continue
        event = entry.load() if isinstance(entry, DeferredEvent) else entry
        yield _undecodable(entry) if event is None else event


def _undecodable(entry: Entry) -> Note:
    what = printable(getattr(entry, "tag", "")) or getattr(entry, "kind", type(entry)).__name__.lower()
    text = f"{what} of step {entry.step} cannot be decoded and is left out"
    return Note(**entry.at.fields(), text=text, kind="warning")


def truncate_after(entries: list[Entry], step: int) -> int:
    """Remove everything after `step`: a run that was rolled back logs these steps again, and the last values count.

    Returns the number of points that become void.
    """
    void = 0
    while entries:
        last = entries.pop()
        kept = last.up_to(step) if isinstance(last, StepTable) else last if last.step <= step else None
        void += _points_in(last)
        if kept is not None:
            entries.append(kept)
            return void - _points_in(kept)
    return void


def _points_in(entry: Entry) -> int:
    match entry:
        case StepTable() | StepDone():
            return points_of(entry, entry.metrics)
        case Evaluated(scores=scores):
            return len(scores)
    return 0


def points_of(entry: StepDone | StepTable, tags: Iterable[str]) -> int:
    """Count the points of some tags."""
    return sum(len(entry.metrics[tag].values) if isinstance(entry, StepTable) else 1 for tag in tags)


def without_tags(entry: StepDone | StepTable, tags: Iterable[str]) -> StepDone | StepTable:
    """Return a copy of steps without the values of some tags."""
    left_out = set(tags)
    if isinstance(entry, StepDone):
        return replace(entry, metrics={tag: value for tag, value in entry.metrics.items() if tag not in left_out})
    return replace(entry, metrics={tag: values for tag, values in entry.metrics.items() if tag not in left_out})


def newest_of_each_kind(entries: Iterable[Entry]) -> set[int]:
    """Return the identities of the deferred events that no later one of the same kind and tag replaces on the screen."""
    newest = {(entry.kind, entry.tag): id(entry) for entry in entries if isinstance(entry, DeferredEvent)}
    return set(newest.values())


def skipped_samples(entries: Iterable[Entry]) -> Iterator[SkippedSamples]:
    """Yield the newest snapshots of chains among deferred events as one event; nothing where there are none."""
    pairs = [(each, each.snapshot) for each in entries if isinstance(each, DeferredEvent) and each.snapshot is not None]
    if pairs:
        snapshots = tuple(snapshot for _, snapshot in pairs[-MOST_SNAPSHOTS:])
        yield SkippedSamples(**pairs[-1][0].at.fields(), snapshots=snapshots)
