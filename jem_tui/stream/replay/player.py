"""The position of a replay in one recording, which may still grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.events.chain_facts import ChainFilm
from jem_tui.events.recording import RecordingInfo
from jem_tui.events.run import At, Event, RunStarted
from jem_tui.printable import printable
from jem_tui.stream.reader.log_cache import Stamp, load_cache, save_cache, stamp_of
from jem_tui.stream.reader.log_reader import LogReader, NoEventsYetError, Recording, event_files
from jem_tui.stream.replay.build_timeline import build_timeline
from jem_tui.stream.replay.film_reader import FilmReader
from jem_tui.stream.replay.timeline import Timeline


class RecordingPlayer:
    """A recording with a position in it. One thread builds and uses the player."""

    def __init__(self, logdir: Path, name: str, *, complete: bool) -> None:
        """Read the recording, which is `complete` or may still grow. Raises InputError."""
        self.name = name
        self.logdir = logdir
        self._complete = complete
        self._seen = _stamp(logdir)
        self._reader = LogReader(logdir)
        self._uncached: tuple[Recording, Stamp] | None = None
        """A recording without a cache, and the stamp of its files."""
        self.timeline = self._read()
        self.position = 0
        """Number of emitted entries."""
        self._picture = ""
        self._films = FilmReader()

    @property
    def at_end(self) -> bool:
        return self.position == len(self.timeline)

    @property
    def step(self) -> int:
        """The last emitted optimizer step."""
        return self.at.step

    @property
    def at(self) -> At:
        """The moment of the last emitted entry."""
        return self.timeline.at(self.position)

    @property
    def start(self) -> RunStarted:
        """The event that resets the state of the run."""
        timeline, started = self.timeline, self.timeline.started
        budget = 0.0 if self._complete else started.budget_seconds
        planned = 0 if self._complete else started.total_steps
        return replace(
            started,
            total_steps=planned if budget else max(timeline.last_step, planned),
            budget_seconds=budget,
            activity="replaying" if self._complete else "following",
            abilities=frozenset({"seek", "speed", "inspect", *(["pictures"] if len(timeline.pictures) > 1 else [])}),
        )

    @property
    def info(self) -> RecordingInfo:
        """Extent and content of the whole recording."""
        timeline = self.timeline
        return RecordingInfo(
            **self.at.fields(),
            run=self.name,
            first_step=timeline.first_step,
            last_step=timeline.last_step,
            points=timeline.points(),
            marks=timeline.marks,
            kinds=timeline.kinds,
            growing=not self._complete,
            health=timeline.health,
            foreign=timeline.foreign,
            pictures=timeline.pictures,
            picture=self.picture,
        )

    @property
    def picture(self) -> str:
        """The displayed tag of a foreign log's images; empty without images."""
        known = self.timeline.pictures
        return self._picture if self._picture in known else next(iter(known), "")

    def show_pictures(self, tag: str) -> Iterator[Event]:
        """Emit the run again up to the current step with the images of another tag; nothing where the log has no such tag."""
        if tag in self.timeline.pictures:
            self._picture = tag
            yield from self.jump(self.step)

    def advance(self, position: int) -> Iterator[Event]:
        """Emit everything up to `position`."""
        start, self.position = self.position, max(self.position, position)
        yield from self.timeline.emit(start, self.position, self.picture)

    def jump(self, step: int) -> Iterator[Event]:
        """Emit the run again from its start to the end of `step`, clipped to the extent of the recording, as one burst."""
        target = min(max(step, self.timeline.first_step), self.timeline.last_step)
        self.position = self.timeline.position_after(target)
        yield self.start
        yield from self.timeline.emit(0, self.position, self.picture)
        yield self.info

    def film(self, chain: int) -> ChainFilm | None:
        """Return the recorded states of a chain up to the current position; None without states."""
        return self._films.film(self.timeline.others_before(self.position), chain)

    def sync_to(self, step: int) -> Iterator[Event]:
        """Emit the entries up to the end of `step`, from the start if `step` lies behind."""
        target = self.timeline.position_after(step)
        yield from self.advance(target) if target >= self.position else self.jump(step)

    def grow(self) -> Iterator[Event]:
        """Read what was appended to the log, and emit the new extent; if earlier entries have changed, emit the run again."""
        stamp = _stamp(self.logdir)
        if stamp == self._seen:
            return
        before, self._seen, self.timeline = self.timeline, stamp, self._read()
        if _continues(before, self.timeline, self.position):
            yield self.info
        else:
            yield from self.jump(self.timeline.last_step)

    def save_cache(self) -> None:
        """Write the cache of a long complete recording. Takes seconds; any thread may call this."""
        uncached, self._uncached = self._uncached, None
        if uncached is not None:
            save_cache(self.logdir, *uncached)

    def _read(self) -> Timeline:
        recording = load_cache(self.logdir) if self._complete else None
        if recording is None:
            stamp = stamp_of(self.logdir)
            recording = self._reader.read()
            self._uncached = (recording, stamp) if self._complete else None
        return build_timeline(recording, self.logdir, complete=self._complete)


def open_players(logdirs: Sequence[Path], *, complete: bool) -> tuple[list[RecordingPlayer], list[str]]:
    """Open recordings that are replayed together, and return errors of unreadable recordings as sentences.

    Raises InputError if none can be read, and NoEventsYetError if a recording that may still grow has no events yet.
    """
    players: list[RecordingPlayer] = []
    errors: list[InputError] = []
    for logdir, name in zip(logdirs, run_names(logdirs), strict=True):
        try:
            players.append(RecordingPlayer(logdir, name, complete=complete))
        except InputError as error:
            errors.append(error)
            if len(errors) == len(logdirs) or (isinstance(error, NoEventsYetError) and not complete):
                raise
    return players, [printable(str(error)) for error in errors]


def run_names(logdirs: Sequence[Path]) -> list[str]:
    """Name runs by the last parts of their paths, as many as are needed to distinguish them."""
    parts = [path.absolute().parts for path in logdirs]
    for count in range(1, max(map(len, parts))):
        names = [printable("/".join(each[-count:])) for each in parts]
        if len(set(names)) == len(names):
            return names
    raise InputError("A run folder is listed twice.", "List each run folder once.")


def _continues(before: Timeline, now: Timeline, position: int) -> bool:
    """Return whether the emitted part of a recording is unchanged."""
    emitted = slice(0, position)
    return (
        len(now) >= position
        and bool(
            (before.order[emitted] == now.order[emitted]).all() and (before.times[emitted] == now.times[emitted]).all()
        )
        and before.note_texts(position) == now.note_texts(position)
    )


def _stamp(logdir: Path) -> tuple[tuple[str, int, int], ...]:
    """Return a value that changes whenever a file of the recording is written or added."""
    try:
        found = [(path, path.stat()) for path in event_files(logdir)]
    except (InputError, OSError):
        return ()
    return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in found)
