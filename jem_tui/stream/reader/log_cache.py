"""A cache of what was read of a long log, so that the next replay opens at once.

The cache is only a copy. It is used while name, size and time of every event file are those that it was made from. In every
other case the event files are read.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2

from jem_tui.errors import JemError
from jem_tui.events.left_out import LeftOut
from jem_tui.events.recording import ChainSnapshot
from jem_tui.events.run import Energies, RankStates, RealImages, RunStarted, Samples
from jem_tui.events.validate import whole
from jem_tui.printable import printable
from jem_tui.stream.foreign.foreign_cache import media_as_words, media_of_words, points_as_words, points_of_words
from jem_tui.stream.foreign.foreign_entries import foreign_entries
from jem_tui.stream.log_data.array_file import Arrays, Words, read_arrays, write_arrays
from jem_tui.stream.log_data.entries import DeferredEvent, Entry, FileSpan
from jem_tui.stream.log_data.step_table import Column, StepTable
from jem_tui.stream.reader.event_collector import left_in_file
from jem_tui.stream.reader.log_reader import Recording, event_files, read_log
from jem_tui.stream.reader.own_points import OwnPoints
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import Damage
from jem_tui.stream.tfevents.resync import MOST_BYTES
from jem_tui.version import __version__

NAME = ".jem-tui.index"
VERSION = 2
"""Version of the content of a cache."""
MIN_BYTES = 32 << 20
"""Minimum size in bytes of a log with a cache: a quarter of a second of reading."""
SPARE = 1 << 20
"""Maximum bytes of a cache beyond twice the bytes of the log."""
Stamp = list[Any]
_ERRORS = (OSError, DecodeError, JemError, MemoryError, *codec.DECODE_ERRORS)
_MAKE: dict[str, Callable[[str, int, int, float, FileSpan, ChainSnapshot | None], DeferredEvent]] = {
    "Samples": partial(left_in_file, Samples),
    "Energies": partial(left_in_file, Energies),
    "RankStates": partial(left_in_file, RankStates),
    "RealImages": partial(left_in_file, RealImages),
}
"""Constructors of deferred events, by kind."""


def read_recording(logdir: Path) -> Recording:
    """Read a folder or an event file, from its cache where that is valid. Raises InputError as `read_log`."""
    return load_cache(logdir) or read_log(logdir)


def load_cache(logdir: Path) -> Recording | None:
    """Return the recording in the cache of a folder, None without a valid cache."""
    try:
        if not (logdir / NAME).exists():
            return None
        paths = event_files(logdir)
        words, arrays = read_arrays(logdir / NAME, SPARE + 2 * sum(path.stat().st_size for path in paths))
        return _recording(logdir, words, arrays, paths) if words["made of"] == stamp_of(logdir) else None
    except _ERRORS:
        return None


def save_cache(logdir: Path, recording: Recording, stamp: Stamp) -> bool:
    """Write the cache of a long recording unless it has one, and return whether it exists now. A full disk or a read-only folder is not an error.

    `stamp` was taken before the recording was read, so that events written meanwhile make the cache invalid.
    """
    with suppress(*_ERRORS):
        paths = event_files(logdir)
        if not logdir.is_dir() or sum(path.stat().st_size for path in paths) < MIN_BYTES or stamp != stamp_of(logdir):
            return False
        if load_cache(logdir) is None:
            words, arrays = _as_arrays(recording, paths)
            # Raises ValueError if the cache would be refused on reading
            _recording(logdir, words, arrays, paths)
            write_arrays(logdir / NAME, {"made of": stamp, **words}, arrays)
        return True
    return False


def stamp_of(logdir: Path) -> Stamp:
    """Return the JSON values that a cache depends on; empty where there is nothing to read."""
    try:
        stats = [
            (path.name if path == logdir else str(path.relative_to(logdir)), path.stat())
            for path in event_files(logdir)
        ]
    except (OSError, JemError):
        return []
    return [__version__, VERSION, [[name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns] for name, stat in stats]]


def _as_arrays(recording: Recording, paths: Sequence[Path]) -> tuple[Words, Arrays]:
    arrays: dict[str, NDArray[Any]] = {}
    words: Words = {"damage": asdict(recording.damage), "left out": recording.left_out.as_json()}
    if recording.media is not None:
        words["points"] = points_as_words(recording.points, arrays)
        words["others"] = media_as_words(recording.media, paths)
    else:
        entries = recording.entries
        words["items"] = [_entry_as_words(entry, str(number), paths, arrays) for number, entry in enumerate(entries)]
    return words, arrays


def _entry_as_words(entry: Entry, name: str, paths: Sequence[Path], arrays: dict[str, NDArray[Any]]) -> list[Any]:
    match entry:
        case StepTable():
            columns = {"steps": entry.steps, "seen": entry.images, "times": entry.times, "epochs": entry.epochs}
            arrays |= {f"{name} {column}": values for column, values in columns.items()}
            for number, readings in enumerate(entry.metrics.values()):
                arrays[f"{name} values {number}"] = readings.values
                if readings.rows is not None:
                    arrays[f"{name} rows {number}"] = readings.rows
            return ["rows", list(entry.metrics)]
        case DeferredEvent(span=span):
            if entry.snapshot is not None:
                arrays |= {f"{name} energy": entry.snapshot.energy, f"{name} reseeds": entry.snapshot.reseeds}
            where = [paths.index(span.path), span.offset, span.length]
            return ["deferred", entry.kind.__name__, entry.tag, entry.step, entry.images, entry.time, *where]
    return ["event", b64encode(codec.encode(entry).SerializeToString()).decode()]


def _recording(logdir: Path, words: Words, arrays: Arrays, paths: Sequence[Path]) -> Recording:
    damage = Damage(**{name: whole(count) for name, count in words["damage"].items()})
    left_out = LeftOut.from_json(words["left out"])
    if "others" in words:
        points, media = points_of_words(words["points"], arrays), media_of_words(words["others"], paths)
        entries = foreign_entries(logdir, points, media)
        return Recording(_checked(entries), damage, True, points, media, left_out)
    entries = [_entry(words, str(number), paths, arrays) for number, words in enumerate(words["items"])]
    return Recording(_checked(entries), damage, False, OwnPoints(entries), None, left_out)


def _checked(entries: list[Entry]) -> list[Entry]:
    if not entries or not isinstance(entries[0], RunStarted):
        raise ValueError("a run without a start")
    return entries


def _entry(words: Sequence[Any], name: str, paths: Sequence[Path], arrays: Arrays) -> Entry:
    form, *rest = words
    if form == "rows":
        return _rows(rest[0], name, arrays)
    if form == "event":
        message = event_pb2.Event.FromString(b64decode(rest[0], validate=True))
        content = codec.body(message)
        if content is None:
            raise ValueError("an event of another program")
        event = codec.decode(message, content)
        if isinstance(event, Samples | Energies | RankStates | RealImages):
            raise ValueError("an event that should have been left in its file")
        return event
    kind, tag, step, images, time, number, offset, length = rest
    span = FileSpan(paths[whole(number)], whole(offset), whole(length))
    within = 0 <= span.offset <= span.offset + span.length <= span.path.stat().st_size
    if not within or span.length > MOST_BYTES or not math.isfinite(time):
        raise ValueError("an invalid position in a file")
    snapshot = snapshot_of(whole(step), name, arrays) if f"{name} energy" in arrays else None
    return _MAKE[kind](printable(tag), whole(step), whole(images), float(time), span, snapshot)


def snapshot_of(step: int, name: str, arrays: Arrays) -> ChainSnapshot:
    energy, reseeds = _of_kind(arrays[f"{name} energy"], "f4"), _of_kind(arrays[f"{name} reseeds"], "i8")
    if len(energy) != len(reseeds):
        raise ValueError("a snapshot of chains of different numbers")
    return ChainSnapshot(step, energy, reseeds)


def _of_kind(array: NDArray[Any], kind: str) -> NDArray[Any]:
    if array.dtype != np.dtype(kind):
        raise ValueError(f"numbers of kind {array.dtype}, not {kind}")
    return array


def _rows(tags: Sequence[str], name: str, arrays: Arrays) -> StepTable:
    metrics = {
        printable(tag): Column(arrays.get(f"{name} rows {number}"), arrays[f"{name} values {number}"])
        for number, tag in enumerate(tags)
    }
    steps, seen, epochs = (_of_kind(arrays[f"{name} {column}"], "i8") for column in ("steps", "seen", "epochs"))
    rows = StepTable(steps, seen, _of_kind(arrays[f"{name} times"], "f8"), epochs, metrics)
    _check(rows)
    return rows


def _check(rows: StepTable) -> None:
    """Raise ValueError where columns do not belong together."""
    count = len(rows.steps)
    lengths = {len(rows.images), len(rows.times), len(rows.epochs)}
    for own, values in rows.metrics.values():
        _of_kind(values, "f8")
        if own is not None:
            _of_kind(own, "i8")
        lengths.add(count if own is not None and len(own) == len(values) else len(values))
        if own is not None and len(own) and not (own[0] >= 0 and own[-1] < count and (np.diff(own) > 0).all()):
            raise ValueError("invalid row numbers")
    if not np.isfinite(rows.times).all():
        raise ValueError("invalid times")
    if not count or lengths != {count}:
        raise ValueError("columns differ in length")
