"""Metrics of the user: which values are recorded, and one sentence for each metric that fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from jem_tui.errors import InputError
from jem_tui.jem.learner.own_metrics import MOST_TAGS, OwnMetrics
from jem_tui.plugins.kinds import METRIC
from tests.jem.own_code import plugged

STEP = SimpleNamespace(step=12, device=torch.device("cpu"))


def measure(function: Callable[..., Any], step: Any = STEP) -> tuple[dict[str, float], list[str]]:
    return OwnMetrics([plugged(METRIC, function)]).measure(step)


def spread_of(value: object) -> Callable[..., object]:
    def spread(step):
        return value

    return spread


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        (2, {"metric/spread": 2.0}),
        (True, {"metric/spread": 1.0}),
        (0.1, {"metric/spread": float(np.float32(0.1))}),
        (np.float64(2.5), {"metric/spread": 2.5}),
        (torch.tensor([[2.5]], requires_grad=True), {"metric/spread": 2.5}),
        ({"low": 1, "a b/c": np.int8(3)}, {"metric/spread/low": 1.0, "metric/spread/a b/c": 3.0}),
        (None, {}),
        ({}, {}),
    ],
)
def test_numbers_are_recorded_under_the_name_of_the_function(value, recorded):
    assert measure(spread_of(value)) == (recorded, [])


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("much", "returned 'much'; it must return a number, numbers by name, or None"),
        (torch.ones(3), r"returned tensor\(\[1., 1., 1.\]\); it must return"),
        (1j, "returned 1j; it must return"),
        ([1.0], r"returned \[1.0\]; it must return"),
        (float("nan"), "is nan at step 12; values that are not finite are left out"),
        (10**400, "is inf at step 12"),
        (1e300, "is inf at step 12"),
        ({"": 1}, "returned a value with the name ''; a name is text of 1 to 100 characters"),
        ({3: 1}, "returned a value with the name 3;"),
        ({"\x1b": 1}, r"returned a value with the name .*x1b';"),
        ({"n" * 200: 1}, "returned a value with the name 'metric/spread/nnn"),
    ],
)
def test_other_values_are_left_out_with_a_sentence(value, sentence):
    values, faults = measure(spread_of(value))
    assert values == {}
    (fault,) = faults
    assert re.search(f"^the metric mine:spread {sentence}", fault)


def test_usable_values_are_kept_next_to_unusable_ones():
    values, faults = measure(spread_of({"good": 1, "bad": "x"}))
    assert values == {"metric/spread/good": 1.0} and len(faults) == 1


def test_a_metric_that_raises_is_reported_once_and_called_again():
    calls: list[int] = []

    def moody(step):
        calls.append(1)
        if len(calls) % 2:
            raise ValueError("not today")
        return 1

    metrics = OwnMetrics([plugged(METRIC, moody), plugged(METRIC, spread_of(2))])
    found = [metrics.measure(STEP) for _ in range(4)]
    assert [values for values, _ in found] == [
        {"metric/spread": 2.0},
        {"metric/moody": 1.0, "metric/spread": 2.0},
    ] * 2
    (fault,) = [fault for _, faults in found for fault in faults]
    assert "raised ValueError: not today (" in fault and "test_own_metrics.py, line" in fault


def test_two_functions_with_one_tag_are_refused():
    with pytest.raises(InputError, match=r"The metrics mine:spread and mine:spread have one tag, metric/spread\."):
        OwnMetrics([plugged(METRIC, spread_of(1)), plugged(METRIC, spread_of(2))])


def test_the_number_of_tags_is_limited():
    counter = iter(range(10**6))

    def spread(step):
        return {f"{next(counter)}": 1 for _ in range(100)}

    metrics = OwnMetrics([plugged(METRIC, spread)])
    found = [metrics.measure(STEP) for _ in range(5)]
    assert sum(len(values) for values, _ in found) == MOST_TAGS
    (fault,) = [fault for _, faults in found for fault in faults]
    assert f"has too many names, of which {MOST_TAGS} are kept" in fault


def test_steps_without_a_view_have_no_metrics():
    assert measure(spread_of(1), None) == ({}, [])
