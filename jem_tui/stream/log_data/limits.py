"""Limits on the content of untrusted files, so that no file takes many times its size of memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2

from jem_tui.events.run import Event, Note, RankStates, RealImages, Samples
from jem_tui.stream.log_data.entries import DeferredEvent
from jem_tui.stream.tfevents.scalar_layout import varint

MOST_JSON, MOST_WORDS = 1 << 23, 1 << 18
"""Maximum bytes of JSON of an event with a row for each chain or rank, and of any other event."""
_LONG_KINDS = (Samples, RankStates, RealImages)
MOST_VALUES = 1 << 16
"""Maximum number of values of one record."""
LONG = 1 << 20
"""Minimum size in bytes of a record whose values are counted before parsing."""
MOST_OF_A_KIND = 100_000
MOST_NOTES = 10_000
MOST_CURVES = 50_000
"""Maximum number of scalar tags of a log."""
_SUMMARY, _VALUE = 0x2A, 0x0A
"""Keys of the fields in TensorBoard's event.proto and summary.proto."""
_VARINT, _BYTES = 0, 2
_FIXED = {1: 8, 5: 4}
"""Bytes of the wire types of fixed size."""
MOST_SNAPSHOT_BYTES = 1 << 28
"""Maximum bytes of all chain snapshots of a log."""


class TooLargeError(ValueError):
    """A record that is left out because of its size."""


def parse_message(payload: bytes) -> event_pb2.Event:
    """Parse a record. Raises TooLargeError where the message would take far more memory than it has bytes, and DecodeError."""
    if len(payload) > LONG and _has_many_values(payload):
        raise TooLargeError("a record with too many values")
    return event_pb2.Event.FromString(payload)


def _has_many_values(payload: bytes) -> bool:
    """Return whether a summary has more than `MOST_VALUES` values. Raises DecodeError where the bytes are not a valid message."""
    try:
        summaries = [span for key, span in _fields(payload, slice(0, len(payload))) if key == _SUMMARY]
        values = (key for summary in summaries for key, _ in _fields(payload, summary) if key == _VALUE)
        return any(number == MOST_VALUES for number, _ in enumerate(values))
    except (KeyError, IndexError, ValueError):
        raise DecodeError("bytes that are not a valid message") from None


def _fields(payload: bytes, within: slice) -> Iterator[tuple[int, slice]]:
    """Yield key and content of each field of a message in protobuf's wire format. Raises KeyError, IndexError or ValueError for other bytes."""
    at = within.start
    while at < within.stop:
        key, at = varint(payload, at)
        kind = key & 7
        if kind == _VARINT:
            _, end = varint(payload, at)
        elif kind == _BYTES:
            length, at = varint(payload, at)
            end = at + length
        else:
            end = at + _FIXED[kind]
        if end > within.stop:
            raise ValueError("a field beyond its message")
        yield key, slice(at, end)
        at = end


def check_words(message: event_pb2.Event) -> None:
    """Raise TooLargeError where the JSON of an event of this program is too long."""
    for text in message.summary.value[0].tensor.string_val[:1]:
        arrays = any(f'"event":"{kind.__name__}"'.encode() in text[:64] for kind in _LONG_KINDS)
        if len(text) > (MOST_JSON if arrays else MOST_WORDS):
            raise TooLargeError("an event with too many texts")


class Quota:
    """A counter of events by kind, and of tags, with limits."""

    def __init__(self) -> None:
        self._kinds: Counter[type[Event]] = Counter()
        self._tags: set[str] = set()
        self._snapshot_bytes = 0

    def takes(self, kind: type[Event]) -> bool:
        """Count an event, and return whether it is within the limit of its kind."""
        self._kinds[kind] += 1
        return self._kinds[kind] <= (MOST_NOTES if kind is Note else MOST_OF_A_KIND)

    def with_snapshot(self, entry: DeferredEvent) -> DeferredEvent:
        """Return the entry, without its chain snapshot if the limit of snapshots is reached."""
        if entry.snapshot is None:
            return entry
        self._snapshot_bytes += entry.snapshot.energy.nbytes + entry.snapshot.reseeds.nbytes
        return entry if self._snapshot_bytes <= MOST_SNAPSHOT_BYTES else replace(entry, snapshot=None)

    def beyond(self, metrics: Mapping[str, object]) -> list[str]:
        """Count the tags, and return those beyond the limit."""
        new = [tag for tag in metrics if tag not in self._tags]
        room = max(0, MOST_CURVES - len(self._tags))
        self._tags.update(new[:room])
        return new[room:]
