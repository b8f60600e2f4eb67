"""Rules for the points of a folder's event files that a restart makes void.

Points become void for two reasons. A session start (`SessionLog.START`) at a step voids everything written earlier in its
folder at that step or later, in every tag, as in TensorBoard. A file that begins after an earlier file has ended is a later
attempt: for each tag in both files, it voids the points of the earlier file from the later file's first step on, that step
included.

A file has ended if none of its wall times is later than the first wall time in the later file (usually its version record).
Files whose times overlap have concurrent writers and void nothing of each other. Decreasing steps within a file void nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NEVER = np.iinfo(np.int64).max
"""A step beyond every recorded step, so that nothing is void."""


@dataclass(slots=True)
class _File:
    """The wall times of an event file; a file with a NaN among them never ends."""

    first_place: int
    began: float
    ended: float


class Restarts:
    """The parts of one folder's event files. Each file and each session start begins a part.

    A place is the position of a record among all bytes of the log: larger is later.
    """

    def __init__(self) -> None:
        self._places: list[int] = []
        self._starts: list[int] = []
        """The step of the session start that begins each part, or `NEVER`."""
        self._files: list[int] = []
        """The number of the file of each part."""
        self._known: Ints = np.empty((2, 0), np.int64)
        self._begun: set[int] = set()
        self._times: dict[int, _File] = {}

    def record_times(self, file: int, place: int, first: float, latest: float) -> None:
        """Add the first and the latest wall time of some records of a file, the first of which is at `place`."""
        known = self._times.get(file)
        if known is None:
            self._times[file] = _File(place, first, latest)
            return
        if place < known.first_place:
            known.first_place, known.began = place, first
        if latest > known.ended or math.isnan(latest):
            known.ended = latest

    def begin_file(self, file: int, place: int) -> None:
        """Begin a part for a file that has none yet. A growing log is read repeatedly."""
        if file not in self._begun:
            self._begun.add(file)
            self._begin(file, place, NEVER)

    def start_session(self, file: int, place: int, step: int) -> None:
        """Begin a part with a session start."""
        self._begin(file, place, step)

    def part_at(self, place: int) -> int:
        """Find the part that a place is in."""
        return bisect_right(self._places, place) - 1

    def bounds(self, first: int, last: int) -> list[int]:
        """Find the places after `first` and up to `last` at which another part begins."""
        return self._places[bisect_right(self._places, first) : bisect_right(self._places, last)]

    def limits(self, parts: Sequence[int], firsts: Sequence[int]) -> list[int]:
        """Return, for each part that contains a tag, ascending, the step from which on its points are void.

        `firsts` are the first written steps of the tag in these parts.
        """
        if len(self._places) == 1:
            return [NEVER] * len(parts)
        limits, files = self._sessions_and_files()[:, np.array(parts, np.int64)]
        heads = np.flatnonzero(np.diff(files, prepend=-1))
        if len(heads) > 1:
            times = [self._times[file] for file in files[heads].tolist()]
            by_file = _limits_of_files(
                np.array([each.began for each in times]),
                np.array([each.ended for each in times]),
                np.array(firsts, np.int64)[heads],
            )
            limits = np.minimum(limits, np.repeat(by_file, np.diff(heads, append=len(files))))
        return [int(limit) for limit in limits]

    def _sessions_and_files(self) -> Ints:
        """Return, for each part, the smallest step of the later session starts, and its file."""
        if self._known.shape[1] != len(self._places):
            after = np.minimum.accumulate(np.array(self._starts, np.int64)[::-1])[::-1]
            self._known = np.stack([np.append(after[1:], NEVER), np.array(self._files, np.int64)])
        return self._known

    def _begin(self, file: int, place: int, start: int) -> None:
        self._files.append(file)
        self._places.append(place)
        self._starts.append(start)


def _limits_of_files(began: Floats, ended: Floats, firsts: Ints) -> Ints:
    """Return, for each file, the smallest first step of the later files that began after it had ended."""
    if (began[1:] >= began[:-1]).all():
        least = np.append(np.minimum.accumulate(firsts[::-1])[::-1], NEVER)
        after = np.searchsorted(began, ended, side="left")
        return least[np.maximum(after, np.arange(1, len(began) + 1))]
    limits = np.full(len(began), NEVER)
    for number in range(len(began) - 1):
        later = firsts[number + 1 :][began[number + 1 :] >= ended[number]]
        limits[number] = later.min(initial=NEVER)
    return limits
