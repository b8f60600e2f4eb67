"""Byte patterns of records that hold only scalars: constant bytes, and the positions of the numbers.

Wire types and field numbers are those of TensorBoard's event.proto and summary.proto.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jem_tui.printable import printable
from jem_tui.stream.tfevents.codec import EVENT_TAG

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

WORD = 8
"""Bytes of a word; rows are padded to whole words, which are compared at once."""
_WALL_TIME, _STEP, _SUMMARY = 0x09, 0x10, 0x2A
_VALUE, _TAG, _SIMPLE = 0x0A, 0x0A, 0x15
_OURS = re.compile(rb'\{"event":"StepDone","step":(\d{1,18}),"epoch":(\d{1,18})\}')


@dataclass(frozen=True, slots=True, eq=False)
class ScalarLayout:
    """The positions of the values in records that hold the same scalars."""

    payload: bytes
    """The payload of one record."""
    time_at: int
    step_at: tuple[int, int] | None
    """First and last position of the varint of the global step; None where the step is 0."""
    tags: tuple[str, ...]
    """Tags as written; printable where this program wrote the step."""
    values_at: tuple[int, ...]
    digits: tuple[tuple[int, int], ...] = ()
    """Positions of the optimizer step and of the epoch in steps that this program wrote."""
    varying: NDArray[np.intp] = field(init=False)
    """Positions of the bytes that differ from record to record."""
    _pattern: Bytes = field(init=False)
    _mask: NDArray[np.uint64] = field(init=False)

    def __post_init__(self) -> None:
        spans = [(self.time_at, self.time_at + 8), *((at, at + 4) for at in self.values_at), *self.digits]
        spans += [self.step_at] if self.step_at else []
        varying = np.array(sorted(place for start, end in spans for place in range(start, end)), dtype=np.intp)
        width = -(-len(self.payload) // WORD) * WORD
        mask, pattern = np.zeros(width, np.uint8), np.zeros(width, np.uint8)
        mask[: len(self.payload)] = 0xFF
        mask[varying] = 0
        pattern[: len(self.payload)] = np.frombuffer(self.payload, np.uint8)
        object.__setattr__(self, "varying", varying)
        object.__setattr__(self, "_pattern", pattern)
        object.__setattr__(self, "_mask", mask.view(np.uint64))

    @property
    def ours(self) -> bool:
        """True if this program wrote the records."""
        return bool(self.digits)

    def fits(self, rows: Bytes) -> NDArray[np.bool_]:
        """Return a mask of the records (n, length padded to words) that have this layout."""
        differs = ((rows.view(np.uint64) ^ self._pattern.view(np.uint64)) & self._mask).any(axis=1)
        return ~differs & self._varints_fit(rows) & self._digits_fit(rows) & np.isfinite(self.times(rows))

    def times(self, rows: Bytes) -> Floats:
        """Return the wall times in Unix seconds."""
        return _at(rows, self.time_at, "<f8")

    def steps(self, rows: Bytes) -> Ints:
        """Return TensorBoard's global steps."""
        if self.step_at is None:
            return np.zeros(len(rows), np.int64)
        start, end = self.step_at
        steps = np.zeros(len(rows), np.uint64)
        for number, place in enumerate(range(start, end)):
            steps |= (rows[:, place] & np.uint8(0x7F)).astype(np.uint64) << np.uint64(7 * number)
        return steps.view(np.int64)

    def values(self, rows: Bytes) -> list[Floats]:
        """Return the values of each tag."""
        return [_at(rows, place, "<f4").astype(np.float64) for place in self.values_at]

    def numbers(self, rows: Bytes) -> list[Ints]:
        """Return optimizer steps and epochs of records that this program wrote."""
        return [_decimal(rows[:, start:end]) for start, end in self.digits]

    def _varints_fit(self, rows: Bytes) -> NDArray[np.bool_]:
        """Return a mask of the records that have a step of as many bytes as the pattern."""
        if self.step_at is None:
            return np.ones(len(rows), np.bool_)
        start, end = self.step_at
        continued = rows[:, start:end] >= 0x80
        return continued[:, :-1].all(axis=1) & ~continued[:, -1]

    def _digits_fit(self, rows: Bytes) -> NDArray[np.bool_]:
        fit = np.ones(len(rows), np.bool_)
        for start, end in self.digits:
            digits = rows[:, start:end]
            fit &= ((digits >= ord("0")) & (digits <= ord("9"))).all(axis=1)
        return fit


def scalar_layout_of(payload: bytes) -> ScalarLayout | None:
    """Return the layout of a record; None if the record holds anything but scalars, or in an unusual encoding."""
    try:
        return _scalar_layout(payload)
    except (IndexError, ValueError):
        return None


def _scalar_layout(payload: bytes) -> ScalarLayout | None:
    if payload[0] != _WALL_TIME:
        return None
    at, step_at = 9, None
    if payload[at] == _STEP:
        _, end = varint(payload, at + 1)
        step_at, at = (at + 1, end), end
    if payload[at] != _SUMMARY:
        return None
    length, at = varint(payload, at + 1)
    if at + length != len(payload) or (step_at and step_at[1] - step_at[0] > 9):
        return None
    tags: list[str] = []
    places: list[int] = []
    digits: tuple[tuple[int, int], ...] = ()
    for start, end in _values(payload, at):
        if not tags and not digits and (found := _our_step(payload, start, end)):
            digits = found
            continue
        tag, place = _scalar(payload, start, end)
        tags.append(tag)
        places.append(place)
    if not digits and len(tags) != 1:
        return None
    names = map(printable, tags) if digits else tags
    return ScalarLayout(payload, 1, step_at, tuple(names), tuple(places), digits)


def _values(payload: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each value of a summary. Raises ValueError for anything but values."""
    while at < len(payload):
        if payload[at] != _VALUE:
            raise ValueError("a summary with fields other than values")
        length, at = varint(payload, at + 1)
        if at + length > len(payload):
            raise ValueError("a value that exceeds its record")
        yield at, at + length
        at += length


def _scalar(payload: bytes, start: int, end: int) -> tuple[str, int]:
    """Return the tag, and the position of the number, of a value that holds nothing else."""
    if payload[start] != _TAG:
        raise ValueError("a value without a tag")
    length, at = varint(payload, start + 1)
    if at + length + 5 != end or payload[at + length] != _SIMPLE:
        raise ValueError("a value with fields other than a number")
    return payload[at : at + length].decode("utf-8"), at + length + 1


def _our_step(payload: bytes, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Return the positions of the digits if the value is the first one of a step that this program wrote, else ()."""
    length, at = varint(payload, start + 1)
    if payload[start] != _TAG or payload[at : at + length] != EVENT_TAG.encode():
        return ()
    found = _OURS.search(payload, at, end)
    if found is None or len(_OURS.findall(payload, at, end)) != 1:
        raise ValueError("another event of this program")
    return found.span(1), found.span(2)


def varint(payload: bytes, at: int) -> tuple[int, int]:
    """Decode a varint, and return the position after it. Raises IndexError where the payload ends, ValueError after ten bytes."""
    number = 0
    for place in range(at, at + 10):
        number |= (payload[place] & 0x7F) << 7 * (place - at)
        if payload[place] < 0x80:
            return number, place + 1
    raise ValueError("an integer with too many bytes")


def _at(rows: Bytes, place: int, kind: str) -> Floats:
    size = np.dtype(kind).itemsize
    found: Floats = np.ascontiguousarray(rows[:, place : place + size]).view(kind)[:, 0]
    return found


def _decimal(digits: Bytes) -> Ints:
    powers = 10 ** np.arange(digits.shape[1] - 1, -1, -1, dtype=np.int64)
    number: Ints = (digits - np.uint8(ord("0"))).astype(np.int64) @ powers
    return number
