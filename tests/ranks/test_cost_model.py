"""The cost model of many GPUs agrees with the networks, the measured steps and figures that are computed by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages.cost_model import (
    FAST,
    WORKLOADS,
    WRN_16_4,
    WRN_28_10,
    Workload,
    all_gather_of_a_row,
    all_reduce,
    communication,
    largest,
    sharded,
    speedup,
    step,
    weak_efficiency,
)
from pages.scaling import TABLES, with_tables

from jem_tui.config.load import make_config
from jem_tui.jem.model.networks import count_parameters, make_network

ROOT = Path(__file__).parents[2]
WIDE = ("network.depth=28", "network.widen=10")


@pytest.mark.parametrize(
    ("work", "preset", "shape", "words"),
    [
        (FAST, "fast", (1, 28, 28), ()),
        (WRN_16_4, "cifar", (3, 32, 32), ("network.depth=16", "network.widen=4")),
        (WRN_28_10, "cifar", (3, 32, 32), WIDE),
    ],
)
def test_parameters_are_those_of_the_networks(work: Workload, preset: str, shape: tuple[int, int, int], words):
    network = make_config(preset, None, words).network
    assert count_parameters(make_network(network, shape, 10)) == work.parameters


def test_computed_steps_are_those_that_were_measured():
    for work in WORKLOADS:
        assert work.compute(work.batch) == pytest.approx(work.seconds)
    assert FAST.compute(1024) == pytest.approx(4.67e-3)
    assert FAST.compute(256) == pytest.approx(2.48e-3, rel=0.1)


def test_an_all_reduce_is_limited_by_its_slowest_link():
    million = 4e6
    assert all_reduce(million, 1) == 0
    in_a_node = 2 * 7 / 8 * million / (0.8 * 450e9)
    assert all_reduce(million, 8) == pytest.approx(in_a_node + 14e-6 + 2 * 7 * 1.25e-6)
    between_nodes = 2 * 63 / 64 * million / (0.8 * 50e9)
    assert all_reduce(million, 64) == pytest.approx(between_nodes + 14e-6 + 2 * (7 * 1.25e-6 + 3 * 8.5e-6))
    assert all_reduce(million, 64, cards=100) > all_reduce(million, 8)


def test_small_all_gathers_grow_with_the_ranks():
    assert all_gather_of_a_row(1) == 0
    assert all_gather_of_a_row(8) == pytest.approx(6.6e-6 + 7 * 0.6e-6)
    assert all_gather_of_a_row(512) == pytest.approx(6.6e-6 + 448 * 0.6e-6 + 63 * 2.7e-6)


@pytest.mark.parametrize("work", WORKLOADS, ids=lambda work: work.name)
def test_no_number_of_ranks_is_faster_than_linear(work: Workload):
    assert communication(work.parameters, 1) == 0
    assert step(work, 512, 1) == work.compute(512)
    for ranks in (2, 8, 64, 512):
        assert 0 < weak_efficiency(work, ranks) < 1
        assert speedup(work, 8192, ranks) < ranks
    most = largest(work, 8192)
    assert speedup(work, 8192, most) >= most / 2
    assert speedup(work, 8192, 2 * most) < most


def test_sharded_weights_cost_more_than_gradients():
    size = WRN_28_10.parameters
    assert sharded(size, 10, 64) / all_reduce(4 * size, 64) == pytest.approx(11.5)


def test_tables_of_the_page_are_computed():
    page = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    assert re.findall(r"<!-- table: ([a-z-]+) -->", page) == list(TABLES)
    assert with_tables(page) == page
    assert with_tables(page.replace("| `fast`, 64 | 97%", "| `fast`, 64 | 98%")) == page != page.replace("97%", "98%")
