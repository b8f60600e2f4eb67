"""The reader of recordings: a run of this program, or any folder of TensorBoard event files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from jem_tui.errors import InputError
from jem_tui.events.left_out import LeftOut
from jem_tui.events.run import RunStarted
from jem_tui.regular_file import open_regular
from jem_tui.stream.foreign.foreign_entries import foreign_entries, run_started
from jem_tui.stream.foreign.foreign_log import ForeignMedia
from jem_tui.stream.log_data.entries import Entry
from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.reader.event_collector import EventCollector
from jem_tui.stream.reader.own_points import OwnPoints
from jem_tui.stream.runs.find_runs import run_files
from jem_tui.stream.tfevents.block_reader import MOST_FILE
from jem_tui.stream.tfevents.records import Damage

_TIME = re.compile(r"tfevents\.(\d{1,18})(?=\.|$)")
_NUMBER = re.compile(r".*\.\d+\.(\d{1,18})(?!\d)")
"""The last number that follows another number, as PID and NUMBER do."""
LAST_BYTES = 64
"""Last bytes of a file by which it is recognized: the checksum of its last record and more."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded run: `RunStarted`, then all other entries in the order of emission. Steps decrease only after a rollback."""

    entries: list[Entry]
    damage: Damage
    foreign: bool
    """True if another program wrote the log."""
    points: Mapping[str, LoggedPoints] = field(default_factory=dict)
    """Scalars of the log, unchanged, by tag."""
    media: ForeignMedia | None = None
    """Images, histograms and texts of a foreign log."""
    left_out: LeftOut = field(default_factory=LeftOut)
    """Counts of everything that is neither in the entries nor in the points."""


class FileExtent(NamedTuple):
    """The first bytes of an event file, as many as are to be read."""

    path: Path
    size: int = MOST_FILE


def read_log(logdir: Path) -> Recording:
    """Read the run in a folder, or one event file. Raises InputError where there is none."""
    return LogReader(logdir).read()


class LogReader:
    """A reader that continues with what was appended to a log, and starts again where anything else has changed."""

    def __init__(self, logdir: Path) -> None:
        self._logdir = logdir
        self._forget()

    def read(self, extents: Sequence[FileExtent] | None = None) -> Recording:
        """Return the recording, or the part of it in the `extents` of its files. Raises InputError where there is none.

        A later call reads only what was added.
        """
        files = list(map(FileExtent, event_files(self._logdir))) if extents is None else extents
        if not self._is_continued(files):
            self._forget()
        self._collection.damage.truncated_files = self._unreadable = 0
        for number, file in enumerate(files):
            try:
                self._read_file(number, file)
            except OSError as error:
                self._skip_unreadable(number, file.path)
                if self._unreadable == len(files):
                    why = f"{file.path} cannot be read: {error.strerror}."
                    raise InputError(why, "Check its permissions.") from error
        return self._recording()

    def _skip_unreadable(self, number: int, path: Path) -> None:
        self._unreadable += 1
        self._places[number : number + 1] = [_FileState(path, -1, -1, 0, b"")]

    def _recording(self) -> Recording:
        held = self._collection
        foreign, left_out = held.foreign.points(), self._left_out()
        if held.entries:
            entries = list(held.entries)
            points = OwnPoints(entries)
            left_out.add("rewound", "point", points.void)
            left_out.add("no place", "point of another program", sum(map(len, foreign.values())))
            return Recording(_begun(self._logdir, entries), replace(held.damage), False, points, None, left_out)
        media = held.foreign.media()
        entries = foreign_entries(self._logdir, foreign, media)
        if not entries:
            _refuse(self._logdir, held.damage, left_out)
        return Recording(entries, replace(held.damage), True, foreign, media, left_out)

    def _left_out(self) -> LeftOut:
        """Return the counts of all files; call this after the points are taken."""
        held, damage = self._collection, self._collection.damage
        found = held.foreign.left_out()
        found.merge(held.left_out)
        found.add("damaged", "record", damage.skipped_records)
        found.add("lost", "gap", damage.gaps)
        found.add("too large", "record", damage.too_large)
        found.add("unreadable", "file", self._unreadable)
        found.add("cut off", "file", damage.truncated_files)
        return found

    def _read_file(self, number: int, file: FileExtent) -> None:
        path = file.path
        run = "" if path == self._logdir else path.parent.relative_to(self._logdir).as_posix().removeprefix(".")
        start = self._places[number].end if number < len(self._places) else 0
        place = _FileState.of(file, self._collection.read(path, number, run, start, file.size))
        self._places[number : number + 1] = [place]

    def _is_continued(self, files: Sequence[FileExtent]) -> bool:
        """Return whether everything that was read is still there and undamaged, and only the last file has grown."""
        known = self._places
        if self._collection.damage.gaps or self._collection.damage.skipped_records or len(files) < len(known):
            return False
        try:
            return all(place.holds(file) for place, file in zip(known, files, strict=False)) and not any(
                place.has_grown(file) for place, file in zip(known[:-1], files, strict=False)
            )
        except OSError:
            return False

    def _forget(self) -> None:
        self._collection = EventCollector()
        self._places: list[_FileState] = []
        self._unreadable = 0


@dataclass(frozen=True, slots=True)
class _FileState:
    """The part of a file that was read, and the identity of the file."""

    path: Path
    inode: int
    size: int
    """Size of the file or of its extent, more than `end` where the last record was incomplete."""
    end: int
    before: bytes
    """Last bytes that were read."""

    @classmethod
    def of(cls, file: FileExtent, end: int) -> _FileState:
        path, stat = file.path, file.path.stat()
        return cls(path, stat.st_ino, min(file.size, stat.st_size), end, _bytes_before(path, end))

    def holds(self, file: FileExtent) -> bool:
        """Return whether a file is the recorded one and has unchanged bytes before `end`, as far as its last bytes show."""
        if file.path != self.path or file.size < self.end or file.path.stat().st_ino != self.inode:
            return False
        return _bytes_before(file.path, self.end) == self.before

    def has_grown(self, file: FileExtent) -> bool:
        return min(file.size, file.path.stat().st_size) != self.size


def _bytes_before(path: Path, end: int) -> bytes:
    with open_regular(path) as file:
        file.seek(max(0, end - LAST_BYTES))
        return file.read(min(end, LAST_BYTES))


class NoEventsYetError(InputError):
    """A folder without events, in which a run may begin at any moment."""


def event_files(logdir: Path) -> list[Path]:
    """Return the event files of the run in a folder, in the order of writing, or the file itself. Raises InputError where there are none."""
    if logdir.is_file():
        return [logdir]
    if not logdir.is_dir():
        raise InputError(f"There is no folder {logdir}.", "Pass the folder of a recorded run, such as one under runs/.")
    files = sorted(run_files(logdir), key=lambda path: (path.parent != logdir, *writing_order(path)))
    if not files:
        raise NoEventsYetError(f"{logdir} holds no TensorBoard event files.", "Pass the folder of a recorded run.")
    return files


def writing_order(path: Path) -> tuple[float, int, str]:
    """Return a sort key of `events.out.tfevents.TIME.HOST.PID.NUMBER`, with or without a suffix: time and number in the name.

    Without a time in the name, the time of the file's last change counts. Raises OSError.
    """
    time = _TIME.search(path.name)
    if time is None:
        return path.stat().st_mtime, 0, path.name
    number = _NUMBER.match(path.name[time.end() :])
    return float(time[1]), int(number[1]) if number else 0, path.name


def _begun(logdir: Path, entries: list[Entry]) -> list[Entry]:
    """Return entries that begin with a `RunStarted`, even if its record was damaged."""
    return entries if isinstance(entries[0], RunStarted) else [run_started(logdir, entries), *entries]


def _refuse(logdir: Path, damage: Damage, left_out: LeftOut) -> None:
    """Raise InputError with the reason why nothing can be displayed; NoEventsYetError where events may still follow."""
    if left_out.count("no place"):
        there = left_out.things("no place")
        raise NoEventsYetError(f"{logdir} holds nothing that can be shown here: {there}.", "Open it in TensorBoard.")
    if damage or damage.truncated_files:
        kind = InputError if damage else NoEventsYetError
        raise kind(f"{logdir} is not a readable TensorBoard event log.", "Check that it was copied completely.")
    if left_out:
        why = " ".join(left_out.sentences())
        raise NoEventsYetError(
            f"{logdir} holds nothing that can be shown here. {why}", "Check that it was copied completely."
        )
    raise NoEventsYetError(f"{logdir} holds no events yet.", "Try again once the run has made its first steps.")
