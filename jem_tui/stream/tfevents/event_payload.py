"""The payload of an event's record: for `StepDone` without building a protobuf message, because a run waits while a step is encoded.

The bytes are those of `codec.encode(event).SerializeToString()`; a property test compares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from struct import error as PackError
from typing import NamedTuple

from jem_tui.events.run import Event, StepDone
from jem_tui.stream.tfevents import codec

_TIME = Struct("<cd")
_MOST = 1 << 63
_BODY_TAG = b"\x0a\x0djem_tui/event"
_BODY_METADATA = b"\x4a\x0b\x0a\x09\x0a\x07jem_tui"
_BODY_TENSOR = b"\x08\x07\x12\x00\x42"
"""Type string, empty shape, and the field number of the text that follows."""


class _Scalars(NamedTuple):
    """The encoding of scalars with known tags: what precedes each number, and how all are packed."""

    heads: tuple[bytes, ...]
    pack: Struct


def payload_of(event: Event) -> bytes:
    """Return a recorded event as the payload of its record."""
    quick = _step_payload(event) if type(event) is StepDone else None
    return codec.encode(event).SerializeToString() if quick is None else quick


def _step_payload(event: StepDone) -> bytes | None:
    """Return the payload of a step's record; None for a step whose numbers or tags need the general encoding."""
    step, epoch, images, time, metrics = event.step, event.epoch, event.images, event.time, event.metrics
    if not (type(step) is type(epoch) is type(images) is int and 0 < images < _MOST and time):
        return None
    try:
        heads, pack = _scalars(tuple(metrics))
        fields: list[bytes | float] = []
        for pair in zip(heads, metrics.values(), strict=True):
            fields += pair
        values = _body(step, epoch) + pack.pack(*fields)
        return b"".join((_TIME.pack(b"\x09", time), b"\x10", _varint(images), b"\x2a", _varint(len(values)), values))
    except (PackError, OverflowError, ValueError):
        return None


def _body(step: int, epoch: int) -> bytes:
    """Encode the value with the fields of a step that TensorBoard does not display."""
    text = b'{"event":"StepDone","step":%d,"epoch":%d}' % (step, epoch)
    tensor = b"%b%b%b" % (_BODY_TENSOR, _varint(len(text)), text)
    value = b"%b\x42%b%b%b" % (_BODY_TAG, _varint(len(tensor)), tensor, _BODY_METADATA)
    return b"\x0a%b%b" % (_varint(len(value)), value)


@lru_cache(64)
def _scalars(tags: Sequence[str]) -> _Scalars:
    heads = []
    for tag in tags:
        if not tag:
            raise ValueError("protobuf leaves out an empty tag")
        written = tag.encode()
        named = b"\x0a" + _varint(len(written)) + written + b"\x15"
        heads.append(b"\x0a" + _varint(len(named) + 4) + named)
    return _Scalars(tuple(heads), Struct("<" + "".join(f"{len(head)}sf" for head in heads)))


def _varint(number: int) -> bytes:
    if number < 0x80:
        return _BYTES[number]
    written = bytearray()
    while number >= 0x80:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


_BYTES = tuple(bytes([number]) for number in range(0x80))
