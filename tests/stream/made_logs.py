"""Logs of scalars that hypothesis makes, and what TensorBoard's own reader finds in a folder."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.util import tensor_util

from jem_tui.stream.tfevents import frame

FORMS = ("value", "float tensor", "double tensor")


class Point(NamedTuple):
    """A scalar as a file holds it."""

    step: int
    wall_time: float
    value: float


class Logged(NamedTuple):
    """A scalar that is to be written."""

    tag: str
    form: str
    point: Point


def point_key(point: Point) -> tuple[Any, ...]:
    """Return what two points have in common that are the same; NaN equals NaN."""
    return (point.step, point.wall_time, "NaN" if math.isnan(point.value) else point.value)


TAGS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(' ,"/$'), min_size=1, max_size=12
).map(lambda tag: f"{tag}.")
STEPS = st.integers(-3, 40) | st.integers(0, 2**40)
TIMES = st.floats(1.0e9, 2.0e9)


@st.composite
def made_logs(draw: st.DrawFn) -> list[Logged]:
    """Draw scalars of a few tags in any order of steps, each tag in one form."""
    forms = draw(st.dictionaries(TAGS, st.sampled_from(FORMS), min_size=1, max_size=4))
    widths = {"value": 32, "float tensor": 32, "double tensor": 64}
    found = []
    for tag in draw(st.lists(st.sampled_from(sorted(forms)), min_size=1, max_size=30)):
        value = draw(st.floats(width=widths[forms[tag]]))
        found.append(Logged(tag, forms[tag], Point(draw(STEPS), draw(TIMES), value)))
    return found


def write_log(folder: Path, logged: list[Logged]) -> Path:
    """Write scalars in their order to one file of a folder, as today's writers do."""
    folder.mkdir(parents=True, exist_ok=True)
    events = [event_pb2.Event(wall_time=1.0e9, file_version="brain.Event:2"), *map(_event, logged)]
    path = folder / "events.out.tfevents.1000000000.made"
    path.write_bytes(b"".join(frame(event.SerializeToString()) for event in events))
    return folder


def read_by_tensorboard(folder: Path) -> dict[str, list[Point]]:
    """Read all scalars of a folder, and of the folders in it, as TensorBoard does without a limit of size."""
    found: dict[str, list[Point]] = {}
    for run in sorted({path.parent for path in folder.rglob("*tfevents*")}):
        prefix = "" if run == folder else f"{run.name}/"
        reader = EventAccumulator(str(run), size_guidance=dict.fromkeys(("scalars", "tensors", "images"), 0))
        reader.Reload()
        tags = reader.Tags()
        for tag in tags["scalars"]:
            found[prefix + tag] = [Point(e.step, e.wall_time, e.value) for e in reader.Scalars(tag)]
        for tag in tags["tensors"]:
            if reader.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
                events = reader.Tensors(tag)
                values = [float(tensor_util.make_ndarray(event.tensor_proto).item()) for event in events]
                found[prefix + tag] = [Point(e.step, e.wall_time, v) for e, v in zip(events, values, strict=True)]
    return found


def last_of(points: list[Point]) -> Point:
    """Return the point of the largest step, of several the one that was written last."""
    return max(enumerate(points), key=lambda each: (each[1].step, each[0]))[1]


def _event(logged: Logged) -> event_pb2.Event:
    tag, form, (step, wall_time, value) = logged
    if form == "value":
        content = summary_pb2.Summary.Value(tag=tag, simple_value=value)
    else:
        plugin = summary_pb2.SummaryMetadata.PluginData(plugin_name="scalars")
        single = form == "float tensor"
        numbers = {"float_val": [value]} if single else {"double_val": [value]}
        kind = types_pb2.DT_FLOAT if single else types_pb2.DT_DOUBLE
        tensor = tensor_pb2.TensorProto(dtype=kind, **numbers)
        tensor.tensor_shape.SetInParent()
        content = summary_pb2.Summary.Value(
            tag=tag, tensor=tensor, metadata=summary_pb2.SummaryMetadata(plugin_data=plugin)
        )
    return event_pb2.Event(wall_time=wall_time, step=step, summary=summary_pb2.Summary(value=[content]))
