"""Collection of the events of another program's log: scalars as points, and references to images, histograms and texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, TypeVar

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2

from jem_tui.events.left_out import LeftOut, plugin_noun
from jem_tui.events.run import X_HAT
from jem_tui.printable import printable
from jem_tui.stream.foreign.foreign_scalars import MOST_RETURNS, ForeignCurve, SinglePoint
from jem_tui.stream.log_data.entries import FileSpan
from jem_tui.stream.log_data.limits import MOST_CURVES, MOST_NOTES, MOST_OF_A_KIND
from jem_tui.stream.log_data.points import Ints, LoggedPoints
from jem_tui.stream.log_data.restarts import NEVER, Restarts
from jem_tui.stream.tfevents.histograms import MOST_TAGS, is_histogram
from jem_tui.stream.tfevents.scalar_tensors import number_of
from jem_tui.stream.tfevents.tag_names import LONGEST_TAG, Tag, named

MAX_TEXT = 500
"""Maximum number of characters of a foreign text in a note."""

_TEXT_SUFFIX = "/text_summary"
_GRAPHS = ("graph_def", "meta_graph_def", "tagged_run_metadata")
PICTURES = (X_HAT, "mcmc_batch/x_hat")
"""Tags of the original project, whose images come first."""


class Text(NamedTuple):
    """A logged text."""

    place: int
    step: int
    time: float
    text: str


class MediaPlace(NamedTuple):
    """A reference to a logged image or histogram."""

    place: int
    step: int
    time: float
    span: FileSpan


MOST_KEPT: dict[type[Text] | type[MediaPlace], int] = {Text: MOST_NOTES, MediaPlace: MOST_OF_A_KIND}
"""Limits of the texts, and of images and histograms together, in a log."""


class ForeignMedia(NamedTuple):
    """Images, histograms and texts of a log."""

    pictures: Mapping[str, Sequence[MediaPlace]]
    """Images by tag, the tag of the original project first."""
    histograms: Mapping[str, Sequence[MediaPlace]]
    texts: Sequence[Text]
    returns: Sequence[tuple[int, float]]
    """Steps at which restarts made points void, with the times of the restarts."""


_Kept = TypeVar("_Kept", Text, MediaPlace)
_Held = TypeVar("_Held")


class ForeignLog:
    """A collector of foreign events, which may come in any order within a part of a file, but part after part."""

    def __init__(self) -> None:
        self._curves: dict[Tag, ForeignCurve] = {}
        self._pictures: dict[Tag, list[MediaPlace]] = {}
        self._histograms: dict[Tag, list[MediaPlace]] = {}
        self._texts: dict[Tag, list[Text]] = {}
        self._kept: dict[type[Text] | type[MediaPlace], int] = {Text: 0, MediaPlace: 0}
        self._plugins: dict[Tag, str] = {}
        """Plugins by tag, which TensorBoard writes only once for each tag."""
        self._left_out = LeftOut()
        self._restarts: dict[str, Restarts] = {}

    def restarts(self, run: str) -> Restarts:
        """Return the parts of the event files of the sub-folder `run` (or "")."""
        return self._restarts.setdefault(run, Restarts())

    def extend(self, run: str, tag: str, places: Ints, points: LoggedPoints) -> None:
        """Add many points of a tag of the sub-folder `run` (or ""), in the order of writing."""
        curve = self._curve(Tag.of(run, tag), len(points))
        if curve is not None:
            curve.extend(places, points)

    def add(self, run: str, message: event_pb2.Event, span: FileSpan, place: int) -> None:
        """Add one event of the sub-folder `run` (or ""), written at `place`."""
        if message.WhichOneof("what") in _GRAPHS:
            self._left_out.add("no place", "graph")
        for value in message.summary.value:
            tag = Tag.of(run, value.tag or value.node_name)
            if value.HasField("metadata"):
                self._plugins.setdefault(tag, value.metadata.plugin_data.plugin_name)
            try:
                self._add_value(tag, value, message, span, place)
            except (ValueError, OverflowError):
                self._left_out.add("senseless", "tensor")

    def points(self) -> dict[str, LoggedPoints]:
        """Return the points that are not void, by name, in the order in which their tags first appeared."""
        found: dict[str, LoggedPoints] = {}
        before: LoggedPoints | None = None
        for name, curve in named(self._curves).items():
            before = curve.points(before)
            if len(before):
                found[name] = before
        return found

    def left_out(self) -> LeftOut:
        """Count everything that cannot be displayed, and the points that restarts made void."""
        found = LeftOut()
        found.merge(self._left_out)
        found.add("replaced", "point", sum(curve.replaced for curve in self._curves.values()))
        return found

    def media(self) -> ForeignMedia:
        """Return images, histograms and texts that no restart made void, in the order of writing within each tag."""
        returns: dict[int, float] = {}
        for curve in self._curves.values():
            returns |= curve.returns
        first = sorted(self._pictures, key=lambda tag: not tag.tag.endswith(PICTURES))
        pictures = {tag: self._pictures[tag] for tag in first}
        texts = (text for tag, found in self._texts.items() for text in self._without_void(tag, found))
        return ForeignMedia(
            {name: self._without_void(tag, places) for name, (tag, places) in _by_name(pictures).items()},
            {name: self._without_void(tag, places) for name, (tag, places) in _by_name(self._histograms).items()},
            sorted(texts),
            sorted(returns.items(), key=lambda each: each[1])[-MOST_RETURNS:],
        )

    def _add_value(
        self, tag: Tag, value: summary_pb2.Summary.Value, message: event_pb2.Event, span: FileSpan, place: int
    ) -> None:
        plugin = self._plugins.get(tag, "")
        step, time = message.step, message.wall_time
        if value.HasField("simple_value"):
            self._add_point(tag, SinglePoint(place, step, time, value.simple_value))
        elif value.HasField("image") or (plugin == "images" and value.HasField("tensor")):
            self._keep(self._pictures, tag, "picture", MediaPlace(place, step, time, span))
        elif is_histogram(value, plugin) and (tag in self._histograms or len(self._histograms) < MOST_TAGS):
            self._keep(self._histograms, tag, "histogram", MediaPlace(place, step, time, span))
        elif plugin == "scalars" and value.HasField("tensor"):
            self._add_point(tag, SinglePoint(place, step, time, number_of(value.tensor)))
        elif plugin == "text" and value.HasField("tensor"):
            text, whole = _text(tag, value.tensor)
            self._left_out.add("shortened", "text", not whole)
            self._keep(self._texts, tag, "text", Text(place, step, time, text))
        elif is_histogram(value, plugin):
            self._left_out.add("too many", "histogram")
        else:
            self._left_out.add("no place", "audio clip" if value.HasField("audio") else plugin_noun(printable(plugin)))

    def _add_point(self, tag: Tag, point: SinglePoint) -> None:
        curve = self._curve(tag, 1)
        if curve is not None:
            curve.add(point)

    def _curve(self, tag: Tag, count: int) -> ForeignCurve | None:
        """Return the curve of a tag, None where there is no room for it and its `count` points are left out."""
        curve = self._curves.get(tag)
        if curve is None and len(self._curves) < MOST_CURVES:
            curve = self._curves[tag] = ForeignCurve(self.restarts(tag.run))
            self._left_out.add("shortened", "tag", len(tag.tag) > LONGEST_TAG)
        if curve is None:
            self._left_out.add("too many", "point", count)
        return curve

    def _keep(self, held: dict[Tag, list[_Kept]], tag: Tag, what: str, kept: _Kept) -> None:
        """Add an entry, unless there are too many of its kind."""
        kind = Text if isinstance(kept, Text) else MediaPlace
        if self._kept[kind] >= MOST_KEPT[kind]:
            self._left_out.add("too many", what)
            return
        self._kept[kind] += 1
        held.setdefault(tag, []).append(kept)

    def _without_void(self, tag: Tag, kept: Sequence[_Kept]) -> list[_Kept]:
        """Return the entries that no restart has made void."""
        restarts = self.restarts(tag.run)
        parts = {part: list(each) for part, each in groupby(sorted(kept), lambda one: restarts.part_at(one.place))}
        limits = restarts.limits(list(parts), [each[0].step for each in parts.values()])
        return [
            one
            for each, limit in zip(parts.values(), limits, strict=True)
            for one in each
            if one.step < limit or limit == NEVER
        ]


def _by_name(held: Mapping[Tag, _Held]) -> dict[str, tuple[Tag, _Held]]:
    return named({tag: (tag, each) for tag, each in held.items()})


def _text(tag: Tag, tensor: tensor_pb2.TensorProto) -> tuple[str, bool]:
    """Return the beginning of a text with its tag as a prefix, and whether the text is complete."""
    strings = tensor.string_val
    whole = len(strings) <= MAX_TEXT and sum(map(len, strings)) <= MAX_TEXT
    lines = b" ".join(part[: 4 * MAX_TEXT] for part in strings[:MAX_TEXT]).decode("utf-8", "replace")
    whole = whole or (len(lines) <= MAX_TEXT and all(len(part) <= 4 * MAX_TEXT for part in strings))
    name = printable((f"{tag.run}/{tag.tag}" if tag.run else tag.tag).removesuffix(_TEXT_SUFFIX)[:MAX_TEXT])
    return f"{name}: {printable(lines[:MAX_TEXT])}{'' if whole else '…'}", whole
