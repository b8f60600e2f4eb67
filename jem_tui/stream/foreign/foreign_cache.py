"""Conversion of a foreign log's points and media references to the JSON and arrays of the log cache, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from jem_tui.events.validate import whole
from jem_tui.printable import printable
from jem_tui.stream.foreign.foreign_log import ForeignMedia, MediaPlace, Text
from jem_tui.stream.log_data.array_file import Arrays, Words
from jem_tui.stream.log_data.entries import FileSpan
from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.tfevents.resync import MOST_BYTES


def points_as_words(points: Mapping[str, LoggedPoints], arrays: dict[str, NDArray[Any]]) -> list[Any]:
    """Add the arrays of points to `arrays`, each array once, and return tag and array names of each curve."""
    names: dict[int, str] = {}

    def name(array: NDArray[Any]) -> str:
        if id(array) not in names:
            names[id(array)] = f"array {len(names)}"
            arrays[names[id(array)]] = array
        return names[id(array)]

    return [[tag, *(name(array) for array in (each.step, each.wall_time, each.value))] for tag, each in points.items()]


def points_of_words(words: Sequence[Any], arrays: Arrays) -> dict[str, LoggedPoints]:
    """Restore the points of each tag. Raises ValueError where arrays do not belong together."""
    found: dict[str, LoggedPoints] = {}
    for tag, step, time, value in words:
        points = LoggedPoints(arrays[step], arrays[time], arrays[value])
        kinds = [array.dtype for array in (points.step, points.wall_time, points.value)]
        if kinds != ["i8", "f8", "f8"] or not 0 < len(points.step) == len(points.wall_time) == len(points.value):
            raise ValueError("columns differ in length or type")
        found[printable(tag)] = points
    return found


def media_as_words(media: ForeignMedia, paths: Sequence[Path]) -> Words:
    """Convert media references to JSON values."""

    def places(held: Mapping[str, Sequence[MediaPlace]]) -> dict[str, list[Any]]:
        return {
            tag: [[paths.index(s.path), s.offset, s.length, step, time] for _, step, time, s in each]
            for tag, each in held.items()
        }

    texts = [[text.step, text.time, text.text] for text in media.texts]
    return {
        "pictures": places(media.pictures),
        "histograms": places(media.histograms),
        "texts": texts,
        "returns": [list(each) for each in media.returns],
    }


def media_of_words(words: Words, paths: Sequence[Path]) -> ForeignMedia:
    """Restore media references. Raises ValueError for senseless values."""
    sizes = [path.stat().st_size for path in paths]

    def places(held: Mapping[str, Sequence[Any]]) -> dict[str, list[MediaPlace]]:
        return {printable(tag): [_place(each, paths, sizes) for each in found] for tag, found in held.items()}

    texts = [Text(0, whole(step), _time(time), printable(text)) for step, time, text in words["texts"]]
    returns = [(whole(step), _time(time)) for step, time in words["returns"]]
    return ForeignMedia(places(words["pictures"]), places(words["histograms"]), texts, returns)


def _place(words: Sequence[Any], paths: Sequence[Path], sizes: Sequence[int]) -> MediaPlace:
    number, offset, length, step = map(whole, words[:4])
    if not (0 <= number < len(paths) and 0 <= offset <= offset + length <= sizes[number] and length <= MOST_BYTES):
        raise ValueError("an invalid position in a file")
    return MediaPlace(0, step, _time(words[4]), FileSpan(paths[number], offset, length))


def _time(time: Any) -> float:
    if not isinstance(time, int | float):
        raise ValueError("an invalid time")
    return float(time)
