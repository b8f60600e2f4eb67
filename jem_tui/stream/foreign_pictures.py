"""Pictures and histograms of foreign logs, left in their files until they are shown."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2

from jem_tui.events import Event, Samples
from jem_tui.stream.histograms import decode_histogram
from jem_tui.stream.history import Histogram, Look
from jem_tui.stream.images import decode_picture
from jem_tui.stream.items import Deferred, Source
from jem_tui.stream.printable import printable


def foreign_samples(
    tag: str, step: int, images: int, time: float, source: Source, look: Look | None = None
) -> Deferred:
    """A picture that is read when it is shown."""
    return Deferred(Samples, step, images, time, partial(_load_samples, tag, step, source), source, tag, look)


def foreign_histogram(
    tag: str, step: int, images: int, time: float, source: Source, look: Look | None = None
) -> Deferred:
    """A histogram that is read when it is shown."""
    return Deferred(Histogram, step, images, time, partial(_load_histogram, tag, step, source), source, tag, look)


def _load_samples(tag: str, step: int, source: Source) -> Event | None:
    """The picture as a single tile without an energy."""
    payload = source.read()
    try:
        message = event_pb2.Event.FromString(payload)
        encoded = [_encoded(value) for value in message.summary.value if tag.endswith(printable(value.tag))]
        tiles = decode_picture(encoded[0])[None]
    except (DecodeError, ValueError, OSError, IndexError):
        return None
    return Samples(
        step=step,
        images=message.step,
        time=message.wall_time,
        tiles=_read_only(tiles),
        energy=_read_only(np.array([np.nan], dtype=np.float32)),
        age=_read_only(np.zeros(1, dtype=np.int64)),
        predicted=_read_only(np.zeros(1, dtype=np.int64)),
        confidence=_read_only(np.array([np.nan], dtype=np.float32)),
        reseeds=_read_only(np.zeros(1, dtype=np.int64)),
    )


def _load_histogram(tag: str, step: int, source: Source) -> Event | None:
    payload = source.read()
    try:
        message = event_pb2.Event.FromString(payload)
        value = next(value for value in message.summary.value if tag.endswith(printable(value.tag)))
        edges, counts = decode_histogram(value)
    except (DecodeError, ValueError, StopIteration):
        return None
    return Histogram(step=step, images=message.step, time=message.wall_time, tag=tag, edges=edges, counts=counts)


def _encoded(value: summary_pb2.Summary.Value) -> bytes:
    """The first picture of a value; a tensor holds width and height before it."""
    return bytes(value.image.encoded_image_string if value.HasField("image") else value.tensor.string_val[2])


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
