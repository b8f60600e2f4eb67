"""Metrics and images of every form that a loop may pass."""

from __future__ import annotations

import math
import os
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import jem_tui
from jem_tui.events.run import At, Evaluated, Samples, StepDone
from jem_tui.raster.tiles.captions import captions
from jem_tui.watching.metric_values import as_count, as_metrics
from jem_tui.watching.sample_source import SampleBatch, SampleSource
from jem_tui.watching.step_images import StepImages
from jem_tui.watching.tiles import MOST_PIXELS, TileConverter
from tests.watching.loops import recorded


@pytest.mark.parametrize(
    "value",
    [
        *(2, 2.0, Decimal(2), np.float64(2), np.float16(2), np.int8(2), np.array(2.0), np.array([2.0])),
        *(torch.tensor(2.0, requires_grad=True), torch.tensor([2.0]), torch.tensor(2, dtype=torch.bfloat16)),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'dtype', '')}",
)
@pytest.mark.filterwarnings("error")
def test_anything_that_is_one_number_is_a_metric(value):
    metrics = as_metrics({"loss": value})
    assert metrics == {"loss": 2.0}
    assert type(metrics["loss"]) is float


@pytest.mark.parametrize("value", ["2", None, [1.0], np.zeros(2), torch.zeros(2), {}, 1j, b"2"], ids=repr)
def test_anything_else_is_refused_with_its_name(value):
    with pytest.raises(TypeError, match="The metric train/loss is not a"):
        as_metrics({"train/loss": value})


@pytest.mark.parametrize("name", ["", "x" * 201, 3, None], ids=repr)
def test_a_name_that_is_not_usable_is_refused(name):
    with pytest.raises((TypeError, ValueError), match="name of a metric"):
        as_metrics({name: 1.0})


def test_text_that_a_log_cannot_hold_is_escaped(tmp_path):
    name = os.fsdecode(b"caf\xe9")
    config = {name: name}
    with jem_tui.watch(tmp_path / "run", class_names=[name], config=config, device=name) as run:
        run.step({name: 1.0})
        run.note(name)
        run.evaluated({name: 1.0})
        run.step(loss=1.0)
    (scores,) = recorded(tmp_path / "run", Evaluated)
    assert list(scores.scores) == ["caf\\udce9"]
    assert [list(step.metrics) for step in recorded(tmp_path / "run", StepDone)] == [["caf\\udce9"], ["loss"]]


@given(st.floats())
def test_a_metric_has_the_precision_of_a_scalar(value: float):
    with np.errstate(over="ignore"):
        expected = float(np.float32(value))
    found = as_metrics({"loss": value})["loss"]
    assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_a_number_beyond_every_float_is_infinite():
    assert as_metrics({"loss": 10**400}) == {"loss": math.inf}


def test_the_number_of_images_may_be_of_any_whole_type():
    assert [as_count(images) for images in (3, np.int64(3), torch.tensor(3))] == [3, 3, 3]


@pytest.mark.parametrize("images", [0, -1, 1.5, "3", None], ids=repr)
def test_a_step_has_images(tmp_path, images):
    run = jem_tui.watch(tmp_path / "run")
    with pytest.raises(ValueError, match="images must be a whole number of at least 1"):
        run.step(images=images, loss=1.0)
    run.close()


def convert(images: Any, count: int = 64, value_range: tuple[float, float] | None = None) -> Any:
    return TileConverter().convert(images, count, value_range)


@pytest.mark.parametrize(
    ("shape", "tiles"),
    [
        ((5, 1, 8, 6), (5, 8, 6, 1)),
        ((5, 3, 8, 6), (5, 8, 6, 3)),
        ((5, 8, 6, 1), (5, 8, 6, 1)),
        ((5, 8, 6, 3), (5, 8, 6, 3)),
        ((5, 8, 6), (5, 8, 6, 1)),
        ((0, 3, 8, 6), (0, 8, 6, 3)),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor, list], ids=["array", "tensor", "list"])
def test_images_may_have_any_usual_shape(shape, tiles, kind):
    array = np.zeros(shape, np.float32)
    # An empty list has no shape
    found = convert(kind(array) if shape[0] else array)
    assert found.shape == tiles
    assert not found.flags.writeable


@pytest.mark.parametrize("shape", [(5,), (5, 4), (5, 2, 8, 8), (5, 8, 8, 4), (5, 1, 0, 8), (1, 5, 3, 8, 8)], ids=str)
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="their shape is"):
        convert(np.zeros(shape))


@pytest.mark.parametrize(
    ("values", "value_range", "pixels"),
    [
        ([0.0, 0.5, 1.0], None, [0, 128, 255]),
        ([-1.0, 0.0, 1.0], None, [0, 128, 255]),
        ([-9.0, math.nan, math.inf], None, [0, 0, 255]),
        ([0.0, 5.0, 10.0], (0, 10), [0, 128, 255]),
    ],
)
def test_floats_are_scaled_by_their_range(values, value_range, pixels):
    array = np.array(values, np.float32).reshape(1, 1, 1, 3)
    for images in (array, torch.from_numpy(array), torch.from_numpy(array).requires_grad_()):
        assert convert(images, value_range=value_range).ravel().tolist() == pixels


def test_integers_are_pixels():
    for dtype in (np.uint8, np.int64):
        assert convert(np.array([[[[0, 7, 255]]]], dtype)).ravel().tolist() == [0, 7, 255]
    assert convert(np.array([[[[False, True]]]])).ravel().tolist() == [0, 255]


def test_a_range_once_found_stays():
    converter = TileConverter()
    converter.convert(np.full((1, 1, 1, 1), -0.5), 1, None)
    assert converter.convert(np.zeros((1, 1, 1, 1)), 1, None).item() == 128


def test_large_images_are_left_out_or_thinned():
    assert len(convert(np.zeros((64, 1, 256, 256)))) == MOST_PIXELS // 256**2
    (huge,) = convert(np.zeros((3, 1, 3000, 2000)))
    assert huge.shape[0] * huge.shape[1] <= MOST_PIXELS


def samples_of(**columns: Any) -> Samples:
    source = SampleSource(2, None)
    source.keep(SampleBatch(**columns))
    event = source.event(lambda: At(3, 30, 1.0), requested=True)
    assert event is not None
    return event


def test_columns_are_cut_like_the_images_and_unknown_without_a_value():
    event = samples_of(images=np.zeros((3, 1, 2, 2)), energy=torch.arange(3.0), age=[7, 8, 9])
    assert (event.energy.tolist(), event.age.tolist(), event.requested) == ([0, 1], [7, 8], True)
    assert np.isnan(event.confidence).all()
    assert samples_of(images=np.zeros((3, 1, 2, 2))).age.tolist() == [-1, -1]


def test_the_caption_of_a_sample_is_what_the_loop_states():
    known = {"images": np.zeros((2, 1, 2, 2)), "energy": [-3.25, 1.0]}
    assert captions(samples_of(**known), (), 2, 20) == ["E −3.2", "E 1.0"]
    assert captions(samples_of(**known, predicted=[1, 0], confidence=[0.5, 1]), ("a", "b"), 2, 20) == [
        "b  50 %",
        "a  100 %",
    ]
    assert captions(samples_of(images=np.zeros((2, 1, 2, 2))), (), 2, 20) == ["", ""]


def test_a_function_may_return_columns_as_well():
    event = samples_of(images=lambda: {"images": np.zeros((2, 1, 2, 2)), "energy": [1.0, 2.0]})
    assert event.energy.tolist() == [1, 2]


@pytest.mark.parametrize("energy", [[1.0, 2.0], np.zeros((3, 1)), ["a", "b", "c"], 1.0], ids=repr)
def test_a_column_of_another_length_is_refused(energy):
    with pytest.raises((ValueError, TypeError)):
        samples_of(images=np.zeros((3, 1, 2, 2)), energy=energy)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.data())
def test_images_after_a_rollback_are_those_of_its_step(sizes: list[int], data: st.DataObject):
    counted = StepImages(10, 100)
    for size in sizes:
        counted.advance(size)
    step = data.draw(st.integers(10, counted.step))
    counted.roll_back(step)
    assert (counted.step, counted.images) == (step, 100 + sum(sizes[: step - 10]))
    counted.roll_back(5)
    assert (counted.step, counted.images) == (5, 50)
    with pytest.raises(ValueError, match="step 6 is not one of the 5 steps"):
        counted.roll_back(6)


@pytest.mark.parametrize(
    "arguments",
    [{"total_steps": -1}, {"samples_every": 1.5}, {"value_range": (1.0, 0.0)}, {"tiles": 0}, {"parameters": "many"}],
    ids=str,
)
def test_arguments_without_sense_are_refused(tmp_path, arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        jem_tui.watch(tmp_path / "run", **arguments)
