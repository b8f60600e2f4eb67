"""Order, filter and pins of displayed chains, as state without widgets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jem_tui.tui.samples.chain_order import ORDERS, ChainOrder, take_chains
from tests.tui.sources import samples

FIVE = replace(
    samples(7, 5),
    energy=np.array([3.0, -1.0, 2.0, -1.0, 9.0], np.float32),
    age=np.array([5, 100, 20, 0, 20]),
    predicted=np.array([1, 0, 1, 2, 0]),
)


def ordered(order: str) -> list[int]:
    ordering = ChainOrder()
    ordering.order = order
    return ordering.rows(FIVE).tolist()


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("lowest energy", [1, 3, 2, 0, 4]),
        ("highest energy", [4, 0, 2, 1, 3]),
        ("oldest", [1, 2, 4, 0, 3]),
        ("class", [1, 4, 2, 0, 3]),
    ],
)
def test_equal_chains_keep_the_order_of_the_replay_buffer(order, rows):
    assert ordered(order) == rows


def test_nan_energies_are_sorted_last():
    broken = replace(FIVE, energy=np.array([np.nan, 1, np.inf, -np.inf, 0], np.float32))
    ordering = ChainOrder()
    ordering.order = "lowest energy"
    assert ordering.rows(broken).tolist() == [3, 4, 1, 2, 0]


def test_sort_orders_are_cyclic():
    ordering = ChainOrder()
    seen = []
    for _ in ORDERS:
        seen.append(ordering.order)
        ordering.cycle_order()
    assert tuple(seen) == ORDERS and ordering.order == ORDERS[0]


def test_the_class_filter_cycles_through_classes_and_all():
    ordering = ChainOrder()
    shown = []
    for _ in range(4):
        ordering.cycle_class(range(3))
        shown.append(ordering.rows(FIVE).tolist())
    assert shown == [[1, 4], [0, 2], [3], [0, 1, 2, 3, 4]]


def test_pinned_chains_come_first_in_any_order_and_filter():
    ordering = ChainOrder()
    for row in (4, 0, 99):
        ordering.pin(row)
    ordering.cycle_class(range(3))
    assert ordering.rows(FIVE).tolist() == [4, 0, 1]
    ordering.pin(4)
    assert ordering.rows(FIVE).tolist() == [0, 1, 4]


def test_the_description_names_order_filter_and_pins():
    ordering = ChainOrder()
    assert ordering.described(()) == ""
    ordering.cycle_order()
    ordering.cycle_class(range(2))
    ordering.pin(3)
    assert ordering.described(("cat", "dog")) == "lowest energy first · only cat · 1 pinned"
    assert ordering.described(()) == "lowest energy first · only 0 · 1 pinned"


def test_taking_chains_keeps_their_fields_together():
    two = take_chains(FIVE, [3, 0])
    assert two.energy.tolist() == [-1.0, 3.0] and two.age.tolist() == [0, 5]
    assert np.array_equal(two.tiles[1], FIVE.tiles[0]) and two.step == FIVE.step
