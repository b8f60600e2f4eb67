"""Histograms of foreign logs: what is read, what is refused, and how they are spread over columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2

from jem_tui.events.recording import Histogram
from jem_tui.raster.plot.histogram import rebin
from jem_tui.stream.log_data.entries import DeferredEvent
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.tfevents import histograms
from jem_tui.stream.tfevents.histograms import MOST_TAGS, decode_histogram, is_histogram
from jem_tui.stream.tfevents.records import frame

Value: TypeAlias = summary_pb2.Summary.Value


def buckets(limits: Sequence[float], counts: Sequence[float], low: float = -1.0, high: float = 1.0) -> Value:
    return Value(tag="w", histo=summary_pb2.HistogramProto(min=low, max=high, bucket_limit=limits, bucket=counts))


def rows(*numbers: Sequence[float], content: bool = False) -> Value:
    array = np.array(numbers, "<f8")
    tensor = {"tensor_content": array.tobytes()} if content else {"double_val": array.ravel().tolist()}
    return Value(tag="w", tensor=tensor_pb2.TensorProto(**tensor))


def test_buckets_lie_between_the_least_and_the_largest_value():
    edges, counts = decode_histogram(buckets([-1e308, 0.0, 1.7e308], [1, 2, 3]))
    assert edges.tolist() == [-1, -1, 0, 1] and counts.tolist() == [1, 2, 3]
    assert not edges.flags.writeable and not counts.flags.writeable


@pytest.mark.parametrize("content", [True, False])
def test_rows_of_a_tensor_may_have_gaps(content):
    edges, counts = decode_histogram(rows((0, 1, 5), (2, 3, 7), content=content))
    assert edges.tolist() == [0, 1, 2, 3] and counts.tolist() == [5, 0, 7]


@pytest.mark.parametrize(
    "value",
    [
        buckets([], []),
        buckets([1.0, 2.0], [1]),
        buckets([0.0, float("nan")], [1, 1]),
        buckets([1.0, 0.0, -1.0], [1, 1, 1]),
        buckets([0.0, 1.0], [1, -1]),
        buckets([1.7e308], [1], low=-1.7e308, high=1.7e308),
        buckets([0.0] * (histograms.MOST_BINS + 1), [1.0] * (histograms.MOST_BINS + 1)),
        rows(),
        Value(tag="w", tensor=tensor_pb2.TensorProto(double_val=[1.0, 2.0])),
        rows((1, 0, 5)),
    ],
)
def test_malformed_histograms_raise_value_errors(value):
    with pytest.raises(ValueError, match="histogram"):
        decode_histogram(value)


def test_a_tensor_is_one_only_where_its_plugin_says_so():
    assert is_histogram(rows((0, 1, 2)), "histograms") and is_histogram(buckets([1.0], [1]), "")
    assert not is_histogram(rows((0, 1, 2)), "scalars")


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30),
    st.integers(1, 60),
    st.lists(st.floats(0, 1e6), min_size=29, max_size=29),
)
def test_spreading_over_columns_keeps_the_sum(edges, columns, counts):
    edges = np.sort(np.array(edges))
    counts = np.array(counts[: len(edges) - 1])
    assert rebin(edges, counts, columns).sum() == pytest.approx(counts.sum(), rel=1e-6, abs=1e-6)


def test_values_are_in_the_columns_of_their_bins():
    assert rebin(np.array([0.0, 1, 4]), np.array([2.0, 3]), 4).tolist() == [2, 1, 1, 1]
    assert rebin(np.array([0.0, 4, 4]), np.array([0.0, 3]), 4).tolist() == [0, 0, 0, 3]
    assert rebin(np.array([2.0, 2]), np.array([3.0]), 3).sum() == pytest.approx(3)


def write(folder: Path, tags: int, damaged: bool = False) -> None:
    with (folder / "events.out.tfevents.1700000000.host.1.0").open("wb") as file:
        for step in (10, 20):
            for tag in range(tags):
                value = buckets([0.0, 1.0], [tag, step])
                value.tag = f"layer{tag:03d}"
                if damaged and tag == 0:
                    value.histo.bucket[0] = -1
                summary = summary_pb2.Summary(value=[value])
                file.write(frame(event_pb2.Event(wall_time=1.0, step=step, summary=summary).SerializeToString()))


def test_each_tag_has_its_newest_histogram_and_the_rest_is_counted(tmp_path: Path):
    write(tmp_path, MOST_TAGS + 3)
    found = read_recording(tmp_path)
    waiting = [item for item in found.entries if isinstance(item, DeferredEvent)]
    assert len(waiting) == 2 * MOST_TAGS and found.left_out.things("too many") == "6 histograms"


def test_an_undecodable_histogram_is_left_out(tmp_path: Path):
    write(tmp_path, 2, damaged=True)
    shown = [event for event in read_events(tmp_path) if isinstance(event, Histogram)]
    assert [(event.tag, event.images, event.counts.tolist()) for event in shown] == [
        ("layer001", 10, [1, 10]),
        ("layer001", 20, [1, 20]),
    ]
