"""Images and histograms of foreign logs, which stay in their files until they are displayed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2

from jem_tui.events.recording import ChainSnapshot, Histogram, Picture
from jem_tui.events.run import Event
from jem_tui.printable import printable
from jem_tui.stream.log_data.entries import DeferredEvent, FileSpan
from jem_tui.stream.log_data.limits import parse_message
from jem_tui.stream.tfevents.histograms import decode_histogram
from jem_tui.stream.tfevents.png_grid import MAX_PIXELS, TooManyPixelsError, decode_picture

_NO_TILES = np.zeros((0, 1, 1, 1), dtype=np.uint8)


def foreign_picture(
    tag: str, step: int, images: int, time: float, span: FileSpan, snapshot: ChainSnapshot | None = None
) -> DeferredEvent:
    """Refer to an image in its file."""
    return DeferredEvent(Picture, step, images, time, partial(_load_picture, tag, step, span), span, tag, snapshot)


def foreign_histogram(
    tag: str, step: int, images: int, time: float, span: FileSpan, snapshot: ChainSnapshot | None = None
) -> DeferredEvent:
    """Refer to a histogram in its file."""
    return DeferredEvent(Histogram, step, images, time, partial(_load_histogram, tag, step, span), span, tag, snapshot)


def encoded_pictures(tag: str, span: FileSpan) -> list[bytes]:
    """Return the files of all images that a record holds under a tag; none where the record is damaged."""
    return _pictures_of(tag, _message(span))


def _load_picture(tag: str, step: int, span: FileSpan) -> Event | None:
    """Load tiles without energies, or the reason why they cannot be drawn."""
    message = _message(span)
    try:
        tiles, flaw = _tiles(_pictures_of(tag, message)), ""
    except TooManyPixelsError as error:
        tiles, flaw = _NO_TILES, str(error)
    except ValueError:
        tiles, flaw = _NO_TILES, "it cannot be decoded"
    count = len(tiles)
    return Picture(
        step=step,
        images=message.step,
        time=message.wall_time,
        tiles=_read_only(tiles),
        energy=_read_only(np.full(count, np.nan, dtype=np.float32)),
        age=_read_only(np.zeros(count, dtype=np.int64)),
        predicted=_read_only(np.zeros(count, dtype=np.int64)),
        confidence=_read_only(np.full(count, np.nan, dtype=np.float32)),
        reseeds=_read_only(np.zeros(count, dtype=np.int64)),
        tag=tag,
        flaw=flaw,
    )


def _tiles(encoded: Sequence[bytes]) -> NDArray[np.uint8]:
    """Decode the first image, and later images of its size within the memory limit. Raises ValueError, TooManyPixelsError."""
    if not encoded:
        raise ValueError("no picture")
    found = [decode_picture(encoded[0])]
    for each in encoded[1 : MAX_PIXELS // (found[0].shape[0] * found[0].shape[1])]:
        with suppress(ValueError):
            found.append(decode_picture(each))
    return np.stack([each for each in found if each.shape == found[0].shape])


def _message(span: FileSpan) -> event_pb2.Event:
    try:
        return parse_message(span.read())
    except (DecodeError, ValueError):
        return event_pb2.Event()


def _load_histogram(tag: str, step: int, span: FileSpan) -> Event | None:
    payload = span.read()
    try:
        message = parse_message(payload)
        value = next(value for value in message.summary.value if tag.endswith(printable(value.tag)))
        edges, counts = decode_histogram(value)
    except (DecodeError, ValueError, StopIteration):
        return None
    return Histogram(step=step, images=message.step, time=message.wall_time, tag=tag, edges=edges, counts=counts)


def _pictures_of(tag: str, message: event_pb2.Event) -> list[bytes]:
    """Return the image files of a tag, whose name may begin with a sub-folder."""
    held = {value.tag: files for value in message.summary.value if (files := _files(value))}
    named = [files for own, files in held.items() if tag.endswith(printable(own))]
    return named[0] if named else next(iter(held.values()), [])


def _files(value: summary_pb2.Summary.Value) -> list[bytes]:
    """Return the image files of a value; a tensor holds width and height before the files."""
    if value.HasField("image"):
        return [value.image.encoded_image_string]
    return list(value.tensor.string_val[2:])


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
