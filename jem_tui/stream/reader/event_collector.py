"""Collection of the content of event files: events of this program in their order, foreign events apart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2

from jem_tui.events.left_out import LeftOut
from jem_tui.events.recording import ChainSnapshot
from jem_tui.events.run import Energies, Evaluated, Event, Note, RankStates, RealImages, RunStarted, Samples, StepDone
from jem_tui.events.validate import whole
from jem_tui.stream.foreign.foreign_log import ForeignLog
from jem_tui.stream.log_data.entries import DeferredEvent, Entry, FileSpan, points_of, truncate_after, without_tags
from jem_tui.stream.log_data.limits import Quota, TooLargeError, check_words, parse_message
from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.log_data.step_table import Column, StepTable, joined
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.block_reader import MOST_FILE, BlockReader, Chunk
from jem_tui.stream.tfevents.records import Damage, Record
from jem_tui.stream.tfevents.scalar_layout import ScalarLayout

_DEFERRED: dict[str, type[Event]] = {kind.__name__: kind for kind in (Samples, Energies, RankStates, RealImages)}
"""Kinds of events that stay in their files until they are displayed, by name."""
_NOUNS: dict[type[Event], str] = {Note: "note", Samples: "picture", Evaluated: "evaluation"}
_SESSION_LOG = b"\x3a"
"""The field of a session log in TensorBoard's event.proto."""
_BEFORE_ALL = -(1 << 63)
_LARGEST_FILE = 40
"""Bits of an offset within one file."""


class EventCollector:
    """A collector of event files that keeps events of this program and foreign events apart."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.foreign = ForeignLog()
        self.damage = Damage()
        self.left_out = LeftOut()
        """Recorded events that are not displayed."""
        self._quota = Quota()
        self._reader = BlockReader()
        self._number = 0

    def read(self, path: Path, number: int, run: str, start: int = 0, stop: int = MOST_FILE) -> int:
        """Add a file from byte `start` up to byte `stop`: the log's file of this `number`, in the sub-folder `run` (or "").

        Returns the byte at which the next call must continue. Raises OSError.
        """
        self._number = number
        self.foreign.restarts(run).begin_file(number, self._place + start)
        for chunk in self._reader.read(path, self.damage, start, stop):
            start = chunk.end
            self._find_sessions(chunk, run)
            self._take_curves(chunk, run)
            for found in in_order(chunk):
                if isinstance(found, Record):
                    self._take(path, run, found)
                else:
                    self._add(found)
        return start

    def _find_sessions(self, chunk: Chunk, run: str) -> None:
        """Record the times of a chunk, and the session starts in it."""
        restarts = self.foreign.restarts(run)
        for block in chunk.blocks:
            times = block.layout.times(block.rows)
            restarts.record_times(
                self._number, self._place + int(block.offsets[0]), float(times[0]), float(times.max())
            )
        for offset, payload in chunk.records:
            message = _session_start(payload)
            if message is not None:
                restarts.start_session(self._number, self._place + offset, message.step)

    def _take_curves(self, chunk: Chunk, run: str) -> None:
        """Add the points of foreign scalars, which know their places and may come in any order."""
        before: LoggedPoints | None = None
        for block in chunk.blocks:
            layout, rows = block.layout, block.rows
            if not layout.ours:
                before = LoggedPoints(layout.steps(rows), layout.times(rows), layout.values(rows)[0]).like(before)
                self.foreign.extend(run, layout.tags[0], block.offsets + self._place, before)

    def _take(self, path: Path, run: str, record: Record) -> None:
        try:
            message = parse_message(record.payload)
            place, time = self._place + record.offset, message.wall_time
            self.foreign.restarts(run).record_times(self._number, place, time, time)
            content = _body(message)
            if content is None:
                self.foreign.add(run, message, FileSpan(path, record.offset, len(record.payload)), place)
            else:
                self._add(_entry(path, record, message, content))
        except TooLargeError:
            self.left_out.add("too large", "record")
        except (DecodeError, *codec.DECODE_ERRORS):
            self.damage.skipped_records += 1

    def _within_limits(self, entry: Entry) -> Entry | None:
        """Return the entry without tags beyond the limit, or None if its kind is beyond the limit."""
        if isinstance(entry, StepDone | StepTable):
            beyond = self._quota.beyond(entry.metrics)
            self.left_out.add("too many", "point", points_of(entry, beyond))
            return entry if not beyond else without_tags(entry, beyond)
        kind = entry.kind if isinstance(entry, DeferredEvent) else type(entry)
        if self._quota.takes(kind):
            return self._quota.with_snapshot(entry) if isinstance(entry, DeferredEvent) else entry
        self.left_out.add("too many", _NOUNS.get(kind, "event"))
        return None

    @property
    def _place(self) -> int:
        """Position of the first byte of the current file among all bytes of the log."""
        return self._number << _LARGEST_FILE

    def _add(self, entry: Entry) -> None:
        """Append an entry; the start of a resumed run voids the earlier entries after its step.

        A rollback keeps the void entries: they lie before the step at which the run may later resume.
        """
        if isinstance(entry, RunStarted):
            self.left_out.add("replaced", "point", truncate_after(self.entries, entry.step or _BEFORE_ALL))
        within = self._within_limits(entry)
        if within is None:
            return
        entry = within
        while isinstance(entry, StepTable) and self.entries and _is_small(before := self.entries[-1], entry):
            self.entries.pop()
            entry = joined([before, entry])
        self.entries.append(entry)


def _body(message: event_pb2.Event) -> dict[str, Any] | None:
    """Return the JSON part of an event of this program, None for a foreign event. Raises TooLargeError or one of `DECODE_ERRORS`."""
    if message.summary.value and message.summary.value[0].tag == codec.EVENT_TAG:
        check_words(message)
    return codec.body(message)


def _session_start(payload: bytes) -> event_pb2.Event | None:
    """Return the session start in a record, None for other records. The field follows the time and the step."""
    if _SESSION_LOG not in payload[:32]:
        return None
    try:
        message = event_pb2.Event.FromString(payload)
    except DecodeError:
        return None
    return message if message.session_log.status == event_pb2.SessionLog.START else None


def _is_small(before: Entry, after: StepTable) -> TypeGuard[StepTable]:
    """Return whether a table is small compared with the following one, so that joining both costs little in the long run."""
    return isinstance(before, StepTable) and len(before) < 2 * len(after)


def in_order(chunk: Chunk) -> Iterator[Record | StepTable]:
    """Yield records, and the steps of this program between them."""
    blocks = [block for block in chunk.blocks if block.layout.ours]
    if not blocks:
        yield from chunk.records
        return
    steps = [_step_table(block.layout, block.rows) for block in blocks]
    offsets = [*(block.offsets for block in blocks), np.array([record.offset for record in chunk.records], np.int64)]
    order = np.argsort(np.concatenate(offsets), kind="stable")
    sources = np.repeat(np.arange(len(offsets)), [len(each) for each in offsets])[order]
    bounds = [0, *(np.flatnonzero(np.diff(sources)) + 1).tolist(), len(sources)]
    reached = [0] * len(offsets)
    for start, stop in pairwise(bounds):
        source = int(sources[start])
        part = slice(reached[source], reached[source] + stop - start)
        reached[source] = part.stop
        if source == len(steps):
            yield from chunk.records[part]
        else:
            yield steps[source][part]


def _step_table(layout: ScalarLayout, rows: NDArray[np.uint8]) -> StepTable:
    steps, epochs = layout.numbers(rows)
    values = (Column(None, values) for values in layout.values(rows))
    return StepTable(steps, layout.steps(rows), layout.times(rows), epochs, dict(zip(layout.tags, values, strict=True)))


def _entry(path: Path, record: Record, message: event_pb2.Event, content: dict[str, Any]) -> Entry:
    if content["event"] not in _DEFERRED:
        return codec.decode(message, content)
    kind = _DEFERRED[content["event"]]
    if not math.isfinite(message.wall_time):
        raise ValueError("the time is not a finite number")
    # Decoded now, so that damaged events are counted
    if kind is not Samples:
        codec.decode(message, content)
    span = FileSpan(path, record.offset, len(record.payload))
    return left_in_file(
        kind, "", whole(content["step"]), message.step, message.wall_time, span, codec.chain_snapshot(message, content)
    )


def left_in_file(
    kind: type[Event], tag: str, step: int, images: int, time: float, span: FileSpan, snapshot: ChainSnapshot | None
) -> DeferredEvent:
    """Make a deferred event of this program."""
    return DeferredEvent(kind, step, images, time, partial(_load, kind, span), span, tag, snapshot)


def _load(kind: type[Event], span: FileSpan) -> Event | None:
    payload = span.read()
    try:
        message = parse_message(payload)
        content = codec.body(message)
        event = None if content is None else codec.decode(message, content)
        return event if type(event) is kind else None
    except (DecodeError, *codec.DECODE_ERRORS):
        return None
