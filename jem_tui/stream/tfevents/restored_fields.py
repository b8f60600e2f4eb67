"""Fields of decoded events that JSON changes, or that the values of a record hold: tuples, arrays, images and numbers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2

from jem_tui.events.run import (
    Adjusted,
    Assessed,
    Diverged,
    Energies,
    Evaluated,
    Event,
    RankStates,
    RealImages,
    Rewound,
    RunStarted,
    Samples,
    SpeedChanged,
    StepDone,
)
from jem_tui.json_values import restored
from jem_tui.stream.tfevents import png_grid
from jem_tui.stream.tfevents.tag_names import bounded

ENERGY_DATA_TAG = "JEM/energy_data"
ENERGY_SAMPLES_TAG = "JEM/energy_samples"
ENERGY_TRAIN_TAG = "JEM/energy_train"


def _restore_run(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    return {
        "config": restored(known["config"]),
        "tile_shape": tuple(known["tile_shape"]),
        "class_names": tuple(known["class_names"]),
        "abilities": frozenset(known["abilities"]),
        "dataset": restored(known.get("dataset", {})),
        "knobs": {name: float(value) for name, value in known.get("knobs", {}).items()},
    }


def _restore_step(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    values = message.summary.value
    return {"metrics": {sys.intern(bounded(value.tag)): value.simple_value for value in values[1:]}}


def _restore_evaluated(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    """Restore scores from the JSON, which keeps double precision, rather than from the scalars."""
    return {"scores": restored(known["scores"])}


def _restore_diverged(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    return {"numbers": restored(known.get("numbers", {}))}


def _restore_rewound(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    return {name: float(known[name]) for name in ("rate_factor", "steps_factor")}


def _restore_speed(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    return {"speed": float(known["speed"])}


def _restore_adjusted(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    return {name: float(known[name]) for name in ("old", "new")}


def _restore_assessed(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    bins = {name: tuple(map(float, known[name])) for name in ("confidence", "accuracy", "share")}
    return {**bins, "auroc": restored(known["auroc"])}


def _restore_ranks(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    words = {name: tuple(known[name]) for name in ("hosts", "devices", "memory", "memory_total")}
    return words | {name: tuple(map(float, known[name])) for name in ("images_per_second", "energy", "waiting")}


def _restore_images(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    return {"tiles": _tiles(known, message), "labels": read_only_array(known["labels"], np.int64)}


def _tiles(known: dict[str, Any], message: event_pb2.Event) -> NDArray[np.uint8]:
    n, height, width, channels = known["tiles"]
    shape = (n, height, width, channels)
    encoded = message.summary.value[1].image.encoded_image_string if min(shape) else b""
    return png_grid.decode_grid(encoded, shape)


def _restore_samples(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    return {
        "tiles": _tiles(known, message),
        **{name: read_only_array(known[name], np.float32) for name in ("energy", "confidence")},
        **{name: read_only_array(known[name], np.int64) for name in ("age", "predicted", "reseeds")},
    }


def _restore_energies(known: dict[str, Any], message: event_pb2.Event) -> dict[str, Any]:
    histograms = {value.tag: value.histo for value in message.summary.value[1:]}
    data, samples = histograms[ENERGY_DATA_TAG], histograms[ENERGY_SAMPLES_TAG]
    return {
        "edges": read_only_array([data.min, *data.bucket_limit], np.float64),
        "data": read_only_array(data.bucket, np.int64),
        "samples": read_only_array(samples.bucket, np.int64),
        "train": read_only_array(histograms[ENERGY_TRAIN_TAG].bucket, np.int64)
        if ENERGY_TRAIN_TAG in histograms
        else None,
    }


def read_only_array(entries: Any, dtype: Any) -> NDArray[Any]:
    """Return an array of the numbers in a JSON list, in which numbers that are not finite are texts."""
    with np.errstate(over="ignore"):
        array = np.array([float(entry) if isinstance(entry, str) else entry for entry in entries], dtype=dtype)
    array.flags.writeable = False
    return array


RESTORE: dict[type[Event], Callable[[dict[str, Any], event_pb2.Event], dict[str, Any]]] = {
    RunStarted: _restore_run,
    StepDone: _restore_step,
    Evaluated: _restore_evaluated,
    SpeedChanged: _restore_speed,
    Adjusted: _restore_adjusted,
    Assessed: _restore_assessed,
    Diverged: _restore_diverged,
    Rewound: _restore_rewound,
    RankStates: _restore_ranks,
    Samples: _restore_samples,
    RealImages: _restore_images,
    Energies: _restore_energies,
}
"""Functions that return restored fields by the kind of the event, given the known fields and the record."""
