"""The past of a run as one compressed frame, from a bridge to a viewer on another machine.

The frame holds JSON and arrays, never pickled objects. Steps are arrays, of which points are left out beyond a limit; every other
event is a record as in the event file.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.recording import ChainSnapshot, Points, SkippedSamples, StepBatch
from jem_tui.events.run import Event, RunStarted
from jem_tui.printable import printable
from jem_tui.stream.attach.frames import HISTORY, MOST_BYTES, ProtocolError, pack
from jem_tui.stream.attach.record_decoder import RecordDecoder
from jem_tui.stream.log_data.array_file import pack_arrays, unpack_arrays
from jem_tui.stream.log_data.thin_points import thin_points
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import frame
from jem_tui.stream.tfevents.tag_names import bounded

MOST_POINTS = 20_000
"""Maximum number of points of a metric."""
MOST_SNAPSHOTS = 1000
"""Maximum number of chain snapshots."""
MOST_UNPACKED = 512 << 20
"""Maximum bytes of an uncompressed history."""
_ROOM = 2 * MOST_UNPACKED
"""Maximum bytes of the numbers of all events, as numbers in single precision double their size."""
MOST_JSON = 16 << 20
"""Maximum bytes of the JSON of a history, which takes many times its size of memory."""
_SNAPSHOT_BYTES = 500
"""Bytes of memory of a snapshot without its numbers, about."""
_FEWER = 4
"""Factor by which points and snapshots are reduced until a history fits into a frame."""
_FAST = 1
"""Level of zlib: higher levels take longer than they save on a fast connection."""


def pack_history(events: Iterable[Event]) -> bytes:
    """Return the events after the start of a run as the bytes of a frame. Raises ProtocolError for a run that fits into no frame."""
    known = [event for event in events if not isinstance(event, RunStarted)]
    points, snapshots = MOST_POINTS, MOST_SNAPSHOTS
    while True:
        payload = zlib.compress(_packed(known, points, snapshots), _FAST)
        if len(payload) < MOST_BYTES or points < _FEWER:
            return pack(HISTORY, payload)
        points, snapshots = points // _FEWER, snapshots // _FEWER


def read_history(payload: bytes, started: RunStarted) -> Iterator[Event]:
    """Yield `started` and the events in the payload of a history frame. Raises ProtocolError for other bytes."""
    yield started
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(payload, MOST_UNPACKED)
        if not unpacking.eof:
            raise ValueError("the history is incomplete or too large")
        words, arrays = unpack_arrays(data, MOST_JSON)
        yield from list(_unpacked(words["events"], _UnpackedArrays(arrays)))
    except (zlib.error, *codec.DECODE_ERRORS) as error:
        raise ProtocolError(f"The history of the run cannot be read: {printable(str(error))}.") from error


def _packed(events: list[Event], most_points: int, most_snapshots: int) -> bytes:
    arrays = _Arrays()
    total = sum(_length(event) for event in events)
    parts: list[Any] = []
    for event in events:
        match event:
            case StepBatch():
                share = most_points * _length(event) // max(1, total)
                parts.append(_pack_steps(event, share, arrays))
            case SkippedSamples():
                parts.append(_pack_snapshots(event, most_snapshots, arrays))
            case _ if codec.is_recorded(event):
                record = frame(codec.encode(event).SerializeToString())
                parts.append({"record": arrays.add(np.frombuffer(record, np.uint8))})
    return pack_arrays({"events": parts}, arrays.by_name)


class _Arrays:
    """Arrays by name, each stored once."""

    def __init__(self) -> None:
        self.by_name: dict[str, NDArray[Any]] = {}
        self._names: dict[int, str] = {}

    def add(self, array: NDArray[Any]) -> str:
        """Return the name of an array, which is stored if it is new."""
        if id(array) not in self._names:
            self._names[id(array)] = name = str(len(self.by_name))
            self.by_name[name] = array
        return self._names[id(array)]


def _length(event: Event) -> int:
    if not isinstance(event, StepBatch):
        return 0
    return max((len(points) for points in event.points.values()), default=0)


def _pack_steps(event: StepBatch, most: int, arrays: _Arrays) -> dict[str, Any]:
    thinned = thin_points(event.points, most)
    points = {
        tag: [arrays.add(array) for array in (known.steps, known.images, known.times, _narrow(known.values))]
        for tag, known in thinned.items()
    }
    return {"at": _at(event), "epoch": event.epoch, "metrics": dict(event.metrics), "points": points}


def _pack_snapshots(event: SkippedSamples, most: int, arrays: _Arrays) -> dict[str, Any]:
    """Pack evenly chosen snapshots, each as its step, its number of chains, and parts of the arrays of all."""
    every = -(-len(event.snapshots) // max(1, most)) or 1
    kept = event.snapshots[::-every][::-1]
    joined = [
        np.array([snapshot.step for snapshot in kept], np.int64),
        np.array([len(snapshot.energy) for snapshot in kept], np.int64),
        np.concatenate([snapshot.energy for snapshot in kept]) if kept else np.empty(0, np.float32),
        np.concatenate([snapshot.reseeds for snapshot in kept]) if kept else np.empty(0, np.int64),
    ]
    return {"at": _at(event), "snapshots": [arrays.add(array) for array in joined]}


def _at(event: Event) -> list[float]:
    return [event.step, event.images, event.time]


def _narrow(values: NDArray[np.float64]) -> NDArray[Any]:
    """Return the values in single precision, as event files hold them, if that loses nothing."""
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    return narrow if np.array_equal(narrow, values, equal_nan=True) else values


class _UnpackedArrays:
    """The arrays of a history by name. What is made of them is limited, as a small frame can name a large array any number of times."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = arrays
        self._room = _ROOM

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def take(self, name: str, more: int = 0) -> NDArray[Any]:
        """Return an array after counting it in double precision and `more` bytes. Raises ValueError beyond the limit."""
        array = self._arrays[name]
        self._room -= len(array) * max(array.itemsize, 8 * (array.itemsize > 1)) + more
        if self._room < 0:
            raise ValueError("the history is too large")
        return array


def _unpacked(parts: Iterable[Any], arrays: _UnpackedArrays) -> Iterator[Event]:
    decoder = RecordDecoder()
    for part in parts:
        if "record" in part:
            yield from decoder.events(arrays.take(part["record"]).tobytes())
        elif "snapshots" in part:
            yield _unpack_snapshots(part, arrays)
        else:
            yield _unpack_steps(part, arrays)


def _unpack_steps(part: Mapping[str, Any], arrays: _UnpackedArrays) -> StepBatch:
    points = {}
    for tag, (steps, images, times, values) in part["points"].items():
        known = Points(
            _exactly(arrays[steps], np.int64),
            _exactly(arrays[images], np.int64),
            _exactly(arrays[times], np.float64),
            _floats(arrays.take(values)),
        )
        if not len(known.steps) == len(known.images) == len(known.times) == len(known.values):
            raise ValueError("points differ in length")
        points[printable(bounded(tag))] = known
    metrics = {printable(bounded(tag)): float(value) for tag, value in part["metrics"].items()}
    return StepBatch(**_moment(part), epoch=int(part["epoch"]), metrics=metrics, points=points)


def _unpack_snapshots(part: Mapping[str, Any], arrays: _UnpackedArrays) -> SkippedSamples:
    steps, sizes, energy, reseeds = (arrays.take(name, _SNAPSHOT_BYTES * MOST_SNAPSHOTS) for name in part["snapshots"])
    if len(steps) != len(sizes) or (sizes < 0).any() or not len(energy) == len(reseeds) == sizes.sum():
        raise ValueError("snapshots differ in length")
    if len(steps) > MOST_SNAPSHOTS:
        raise ValueError("there are too many snapshots")
    ends = np.cumsum(sizes)[:-1]
    pieces = zip(steps.tolist(), np.split(energy, ends), np.split(reseeds, ends), strict=True) if len(steps) else ()
    snapshots = tuple(
        ChainSnapshot(int(step), part_of.astype(np.float32, copy=False), _ints(restarts))
        for step, part_of, restarts in pieces
    )
    return SkippedSamples(**_moment(part), snapshots=snapshots)


def _moment(part: Mapping[str, Any]) -> Any:
    step, images, time = part["at"]
    return {"step": int(step), "images": int(images), "time": float(time)}


def _exactly(array: NDArray[Any], kind: type[Any]) -> NDArray[Any]:
    """Return an array of a kind, which several tags may share. Raises ValueError for another kind, of which each tag would have a copy."""
    if array.dtype != kind:
        raise ValueError(f"numbers of {array.dtype} in place of {kind.__name__}")
    return array


def _ints(array: NDArray[Any]) -> NDArray[np.int64]:
    return array.astype(np.int64, copy=False)


def _floats(array: NDArray[Any]) -> NDArray[np.float64]:
    return array.astype(np.float64, copy=False)
