"""Histograms of other programs, in TensorBoard's legacy form and as tensors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import summary_pb2, tensor_pb2

PLUGIN = "histograms"
MOST_TAGS = 64
"""Tags of a log whose histograms are displayed; the log of a large network has hundreds at every step."""
MOST_BINS = 1 << 12

Floats = NDArray[np.float64]


def is_histogram(value: summary_pb2.Summary.Value, plugin: str) -> bool:
    """Return whether a value, written for `plugin`, is a histogram."""
    return value.HasField("histo") or (plugin == PLUGIN and value.HasField("tensor"))


def decode_histogram(value: summary_pb2.Summary.Value) -> tuple[Floats, Floats]:
    """Return edges of shape (bins + 1,), ascending, and counts of shape (bins,), both read-only. Raises ValueError for senseless bins."""
    edges, counts = _of_tensor(value.tensor) if value.HasField("tensor") else _of_buckets(value.histo)
    if not 0 < len(counts) < MOST_BINS or len(edges) != len(counts) + 1:
        raise ValueError(f"a histogram of {len(counts)} bins")
    if not (
        math.isfinite(float(edges[-1]) - float(edges[0]))
        and np.isfinite(edges).all()
        and (np.diff(edges) >= 0).all()
        and (counts >= 0).all()
    ):
        raise ValueError("a histogram whose bins are not in order")
    edges.flags.writeable = counts.flags.writeable = False
    return edges, counts


def _of_buckets(histo: summary_pb2.HistogramProto) -> tuple[Floats, Floats]:
    """Take the smallest value as the first edge and the largest value as the last edge: the limits of the outer buckets may be ±1.8e308."""
    limits = np.array(histo.bucket_limit, np.float64)
    edges = np.concatenate([limits[:1], limits]).clip(histo.min, histo.max)
    edges[:1] = histo.min
    return edges, np.array(histo.bucket, np.float64)


def _of_tensor(tensor: tensor_pb2.TensorProto) -> tuple[Floats, Floats]:
    """Convert rows of left edge, right edge and count; a gap between two bins becomes a bin without values."""
    numbers = np.frombuffer(tensor.tensor_content, "<f8") if tensor.tensor_content else np.array(tensor.double_val)
    if not len(numbers) or len(numbers) % 3:
        raise ValueError(f"a histogram of {len(numbers)} numbers")
    left, right, counts = numbers.reshape(-1, 3).T
    edges = np.stack([left, right], axis=1).ravel()
    spread = np.stack([counts, np.zeros_like(counts)], axis=1).ravel()[:-1]
    return edges, spread
