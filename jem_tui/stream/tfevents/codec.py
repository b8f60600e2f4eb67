"""Lossless encoding of events as TensorBoard events, one for one.

The wall time is the event's time, and the global step counts training images. TensorBoard draws the scalars, the image, the
histograms and the text. The first value, `jem_tui/event`, which TensorBoard skips, holds the other fields as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2

from jem_tui.events import run as events
from jem_tui.events.describe import sentence
from jem_tui.events.real_images import REAL_IMAGES
from jem_tui.events.recording import ChainSnapshot
from jem_tui.events.run import (
    X_HAT,
    Assessed,
    Energies,
    Evaluated,
    Event,
    RealImages,
    Samples,
    StepDone,
)
from jem_tui.events.serialize import field_names
from jem_tui.events.validate import check_tiles, validated, whole
from jem_tui.json_values import plain
from jem_tui.stream.tfevents import png_grid
from jem_tui.stream.tfevents.restored_fields import (
    ENERGY_DATA_TAG,
    ENERGY_SAMPLES_TAG,
    ENERGY_TRAIN_TAG,
    RESTORE,
    read_only_array,
)

EVENT_TAG = "jem_tui/event"
TEXT_TAG = "notes"

DECODE_ERRORS = (KeyError, IndexError, ValueError, TypeError, AttributeError, OSError, RecursionError, OverflowError)
"""Exceptions that `body` and `decode` raise on a damaged event of this program."""

_CARRIED_BY_VALUES: dict[type[Event], frozenset[str]] = {
    StepDone: frozenset({"metrics"}),
    Samples: frozenset({"tiles"}),
    RealImages: frozenset({"tiles"}),
    Energies: frozenset({"edges", "data", "samples", "train"}),
}
_OF_CHAINS = ("energy", "age", "predicted", "confidence", "reseeds")
_CARRIED_BY_MESSAGE = frozenset({"images", "time"})
_NEVER = (Event, events.Loading, events.Sampling, events.Saving)
RECORDED: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind not in _NEVER
}
"""Kinds of events that this version can decode, by name."""


def is_recorded(event: Event) -> bool:
    """Return whether an event belongs into the event file; progress events and requested samples do not."""
    return type(event).__name__ in RECORDED and not (isinstance(event, Samples) and event.requested)


def encode(event: Event) -> event_pb2.Event:
    """Encode a recorded event."""
    values = [_string_value(EVENT_TAG, "jem_tui", json.dumps(_body_of(event), separators=(",", ":"))), *_values(event)]
    return event_pb2.Event(wall_time=event.time, step=event.images, summary=summary_pb2.Summary(value=values))


def body(message: event_pb2.Event) -> dict[str, Any] | None:
    """Return the JSON part of an event of this program, None for a foreign event. Raises one of `DECODE_ERRORS`."""
    values = message.summary.value
    if not values or values[0].tag != EVENT_TAG:
        return None
    content: dict[str, Any] = json.loads(values[0].tensor.string_val[0])
    return content


def decode(message: event_pb2.Event, content: dict[str, Any]) -> Event:
    """Decode an event, given its `body`. Raises one of `DECODE_ERRORS`."""
    kind = RECORDED[content["event"]]
    carried = {"images": message.step, "time": message.wall_time}
    known = {name: content[name] for name in field_names(kind) if name in content}
    if restore := RESTORE.get(kind):
        known |= restore(known, message)
    return validated(kind(**{**known, **carried}))


def chain_snapshot(message: event_pb2.Event, content: dict[str, Any]) -> ChainSnapshot | None:
    """Return the snapshot of the chains in the `body` of `Samples`, None for other events.

    Raises one of `DECODE_ERRORS` where the images could not be displayed.
    """
    if content["event"] != Samples.__name__:
        return None
    check_tiles(content["tiles"])
    if any(len(content[name]) != content["tiles"][0] for name in _OF_CHAINS):
        raise ValueError("arrays differ in length")
    n, height, width, channels = content["tiles"]
    png_grid.check_grid(message.summary.value[1].image.encoded_image_string if n else b"", (n, height, width, channels))
    energy, reseeds = read_only_array(content["energy"], np.float32), read_only_array(content["reseeds"], np.int64)
    predicted = read_only_array(content["predicted"], np.int64)
    if energy.ndim != 1 or not energy.shape == reseeds.shape == predicted.shape:
        raise ValueError("arrays differ in length")
    return ChainSnapshot(whole(content["step"]), energy, reseeds, predicted)


def _body_of(event: Event) -> dict[str, Any]:
    kind = type(event)
    left_out = _CARRIED_BY_MESSAGE | _CARRIED_BY_VALUES.get(kind, frozenset())
    content = {name: plain(getattr(event, name)) for name in field_names(kind) if name not in left_out}
    if isinstance(event, Samples | RealImages):
        content["tiles"] = event.tiles.shape
    return {"event": kind.__name__, **content}


def _values(event: Event) -> list[summary_pb2.Summary.Value]:
    match event:
        case StepDone(metrics=metrics):
            return _scalars(metrics)
        case Evaluated(split=split, scores=scores):
            return _scalars({f"{split}/{name}": score for name, score in scores.items()})
        case Samples(tiles=tiles) if tiles.size:
            return [summary_pb2.Summary.Value(tag=X_HAT, image=png_grid.encode_grid(tiles))]
        case RealImages(tiles=tiles) if tiles.size:
            return [summary_pb2.Summary.Value(tag=REAL_IMAGES, image=png_grid.encode_grid(tiles))]
        case Assessed(split=split, auroc=found):
            return _scalars({f"{split}/auroc/{name}": value for name, value in found.items()})
        case Energies(edges=edges, data=data, samples=samples, train=train):
            counts = {ENERGY_DATA_TAG: data, ENERGY_SAMPLES_TAG: samples, ENERGY_TRAIN_TAG: train}
            return [
                summary_pb2.Summary.Value(tag=tag, histo=_histogram(edges, count))
                for tag, count in counts.items()
                if count is not None
            ]
    text = sentence(event)
    return [_string_value(TEXT_TAG, "text", text)] if text else []


def _scalars(numbers: Mapping[str, float]) -> list[summary_pb2.Summary.Value]:
    return [summary_pb2.Summary.Value(tag=tag, simple_value=number) for tag, number in numbers.items()]


def _string_value(tag: str, plugin: str, text: str) -> summary_pb2.Summary.Value:
    metadata = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=plugin))
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[text.encode("utf-8", "replace")])
    tensor.tensor_shape.SetInParent()
    return summary_pb2.Summary.Value(tag=tag, metadata=metadata, tensor=tensor)


def _histogram(edges: NDArray[np.float64], counts: NDArray[np.int64]) -> summary_pb2.HistogramProto:
    """Encode a histogram: moments are those of the bin centres, and the outer edges serve as minimum and maximum, so that no edge is lost."""
    centres = (edges[:-1] + edges[1:]) / 2
    return summary_pb2.HistogramProto(
        min=edges[0],
        max=edges[-1],
        num=float(counts.sum()),
        sum=float(centres @ counts),
        sum_squares=float(centres**2 @ counts),
        bucket_limit=edges[1:].tolist(),
        bucket=counts.tolist(),
    )
