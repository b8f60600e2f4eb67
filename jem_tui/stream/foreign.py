"""Event logs that another program wrote: their scalars, pictures and texts as our events.

Steps there are anything (iterations, epochs, images); they become `images`, the x-axis, and the steps are counted anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2

from jem_tui.events import ACCURACY, NRG, TOTAL, X_HAT, XE, Note, RunStarted, Samples
from jem_tui.stream.codec import ENERGY_DATA_TAG, ENERGY_SAMPLES_TAG
from jem_tui.stream.foreign_curves import MOST_RETURNS, ForeignCurve, Points, as_steps
from jem_tui.stream.foreign_pictures import foreign_histogram, foreign_samples
from jem_tui.stream.histograms import MOST_TAGS, is_histogram
from jem_tui.stream.items import Deferred, Item, Source, resolve
from jem_tui.stream.printable import printable
from jem_tui.stream.step_rows import StepRows

MAX_TEXT = 500
"""Characters of a foreign text that become a note."""

_DTYPES = {types_pb2.DT_FLOAT: "<f4", types_pb2.DT_DOUBLE: "<f8", types_pb2.DT_HALF: "<f2"}
_TEXT_SUFFIX = "/text_summary"
_DIFFERENCE = "/Δnrg"
_OTHER_NAMES = {
    "loss/total": TOTAL,
    "loss/Δnrg": NRG,
    "loss/xe": XE,
    "loss/+nrg": ENERGY_DATA_TAG,
    "loss/-nrg": ENERGY_SAMPLES_TAG,
    "auxiliary/accuracy": ACCURACY,
    "JEM/Δnrg": NRG,
    "JEM/+nrg": ENERGY_DATA_TAG,
    "JEM/-nrg": ENERGY_SAMPLES_TAG,
}
"""Tags of the newer versions of the original project, known by their Δ; its energy is +logsumexp, and + and − are its signs in the loss."""
_PICTURES = (X_HAT, "mcmc_batch/x_hat")
_GRAPHS = ("graph_def", "meta_graph_def", "tagged_run_metadata")

Ints = NDArray[np.int64]


class _Text(NamedTuple):
    step: int
    time: float
    text: str


class _Place(NamedTuple):
    """Where something larger can be read again."""

    step: int
    time: float
    source: Source


class ForeignLog:
    """Collects foreign events in any order, and tells them as a run."""

    def __init__(self) -> None:
        self._curves: dict[str, ForeignCurve] = defaultdict(ForeignCurve)
        self._pictures: dict[str, list[_Place]] = defaultdict(list)
        self._histograms: dict[str, list[_Place]] = defaultdict(list)
        self._texts: list[_Text] = []
        self._plugins: dict[str, str] = {}
        """TensorBoard writes the plugin of a tag only once."""
        self._kept_out: Counter[str] = Counter()

    def extend(self, run: str, tag: str, points: Points) -> None:
        """Take in many points of a tag of the sub-folder `run` (or "")."""
        self._curves[printable(f"{run}/{tag}" if run else tag)].extend(points)

    def add(self, run: str, message: event_pb2.Event, source: Source, place: int) -> None:
        """Take in one event of the sub-folder `run` (or ""), written at `place`; ValueError where a tensor does not make sense."""
        self._kept_out["graph"] += message.WhichOneof("what") in _GRAPHS
        for value in message.summary.value:
            tag = printable(f"{run}/{value.tag}" if run else value.tag)
            if value.metadata.plugin_data.plugin_name:
                self._plugins[tag] = value.metadata.plugin_data.plugin_name
            self._add_value(tag, value, message, source, place)

    @property
    def kept_out(self) -> dict[str, int]:
        """What the screen has no place for, by kind: how many values, with the pictures of all tags but one."""
        others = sum(map(len, self._pictures.values())) - len(self._pictures.get(self._shown_tag, ()))
        return {kind: count for kind, count in (self._kept_out + Counter({"picture": others})).items() if count}

    def items(self, logdir: Path) -> Iterator[Item]:
        """`RunStarted`, then steps, pictures and texts in the order of their TensorBoard steps; nothing if it is empty."""
        steps = as_steps(_with_usual_names(self._curves))
        axis = np.empty(0, np.int64) if steps is None else steps.seen
        makers = (self._notes, self._returns, self._samples, self._distributions)
        others = [item for make in makers for item in make(axis)]
        items = list(_between(steps, sorted(others, key=lambda item: (item.images, item.step))))
        if items:
            yield run_started(logdir, items)
            yield from items

    def _add_value(
        self, tag: str, value: summary_pb2.Summary.Value, message: event_pb2.Event, source: Source, place: int
    ) -> None:
        plugin = self._plugins.get(tag, "")
        if value.HasField("simple_value"):
            self._curves[tag].add(place, message.step, message.wall_time, value.simple_value)
        elif value.HasField("image") or (plugin == "images" and value.HasField("tensor")):
            self._pictures[tag].append(_Place(message.step, message.wall_time, source))
        elif is_histogram(value, plugin) and (tag in self._histograms or len(self._histograms) < MOST_TAGS):
            self._histograms[tag].append(_Place(message.step, message.wall_time, source))
        elif plugin == "scalars" and value.HasField("tensor"):
            self._curves[tag].add(place, message.step, message.wall_time, _number(value.tensor))
        elif plugin == "text" and value.HasField("tensor"):
            lines = b" ".join(value.tensor.string_val).decode("utf-8", "replace")
            text = f"{tag.removesuffix(_TEXT_SUFFIX)}: {printable(lines)[:MAX_TEXT]}"
            self._texts.append(_Text(message.step, message.wall_time, text))
        else:
            self._kept_out[
                "histogram" if value.HasField("histo") else plugin.rstrip("s") or "value of unknown kind"
            ] += 1

    def _notes(self, axis: Ints) -> Iterator[Item]:
        for step, wall_time, text in self._texts:
            yield Note(step=_ordinal(axis, step), images=step, time=wall_time, text=text)

    def _returns(self, axis: Ints) -> Iterator[Item]:
        """Where a log tells steps again, as after a restart; the last ones count."""
        found = {step: time for curve in self._curves.values() for step, time in curve.returns.items()}
        for step, time in sorted(found.items(), key=lambda each: each[1])[-MOST_RETURNS:]:
            text = f"the log goes back to step {step:,} here, and what it tells again counts"
            yield Note(step=_ordinal(axis, step - 1), images=step, time=time, text=text)

    def _samples(self, axis: Ints) -> Iterator[Item]:
        """Pictures of one tag only: the screen has room for one grid."""
        for step, wall_time, source in self._pictures.get(self._shown_tag, ()):
            yield foreign_samples(self._shown_tag, _ordinal(axis, step), step, wall_time, source)

    def _distributions(self, axis: Ints) -> Iterator[Item]:
        for tag, places in sorted(self._histograms.items()):
            for step, wall_time, source in places:
                yield foreign_histogram(tag, _ordinal(axis, step), step, wall_time, source)

    @property
    def _shown_tag(self) -> str:
        return min(self._pictures, key=lambda tag: not tag.endswith(_PICTURES), default="")


def _ordinal(axis: Ints, step: int) -> int:
    """How many rows there are up to a TensorBoard step."""
    return int(np.searchsorted(axis, step, side="right"))


def _between(steps: StepRows | None, others: Sequence[Item]) -> Iterator[Item]:
    """The steps, cut where the others belong, each after the step of its number."""
    told = 0
    for item in others:
        if steps is not None and item.step > told:
            yield steps[told : item.step]
            told = item.step
        yield item
    if steps is not None and told < len(steps):
        yield steps[told:]


def _with_usual_names(points: dict[str, ForeignCurve]) -> dict[str, ForeignCurve]:
    """The same curves, those of the original project's newest version under the tags that the panels have."""
    if not any(tag.endswith(_DIFFERENCE) for tag in points):
        return points
    named: dict[str, ForeignCurve] = {}
    for tag, curve in points.items():
        usual = (tag.removesuffix(old) + new for old, new in _OTHER_NAMES.items() if f"/{tag}".endswith(f"/{old}"))
        name = next(usual, tag)
        named[tag if name in points or name in named else name] = curve
    return named


def run_started(logdir: Path, items: list[Item]) -> RunStarted:
    """What can be said of a run that does not introduce itself."""
    last_step = max(item.step for item in items)
    pictures = resolve([item for item in items if isinstance(item, Deferred) and item.kind is Samples])
    first = next((event for event in pictures if isinstance(event, Samples)), None)
    height, width, channels = first.tiles.shape[1:] if first else (28, 28, 1)
    return RunStarted(
        step=0,
        images=0,
        time=min(float(item.times.min()) if isinstance(item, StepRows) else item.time for item in items),
        config={},
        device="unknown",
        seed=0,
        parameters=0,
        tile_shape=(height, width, channels),
        class_names=(),
        total_steps=last_step,
        steps_per_epoch=max(1, last_step),
        run_dir=str(logdir),
    )


def _number(tensor: tensor_pb2.TensorProto) -> float:
    """The value of a scalar tensor; ValueError where it is none."""
    for values in (tensor.float_val, tensor.double_val, tensor.int_val, tensor.int64_val):
        if len(values) == 1:
            return float(values[0])
    if tensor.dtype not in _DTYPES:
        raise ValueError(f"a scalar of TensorBoard's type {tensor.dtype}")
    return float(np.frombuffer(tensor.tensor_content, dtype=_DTYPES[tensor.dtype], count=1)[0])
