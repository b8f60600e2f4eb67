"""The ranks that a launcher describes in the environment."""

from __future__ import annotations

import pytest
import torch

from jem_tui.errors import InputError
from jem_tui.jem.model.device import choose_threads
from jem_tui.jem.ranks import join
from jem_tui.jem.ranks.join import COLLECTIVES, device_of_rank, expected_ranks, join_ranks
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from tests.ranks.on_ranks import on_ranks

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def test_a_process_without_a_launcher_is_alone():
    assert expected_ranks({}) == 1
    assert join_ranks(CPU, {}) is ALONE
    assert device_of_rank(CUDA, {}) == CUDA


def test_each_rank_of_a_machine_has_a_gpu_of_its_own(monkeypatch):
    monkeypatch.setattr(join.torch.cuda, "device_count", lambda: 2)
    environment = {"WORLD_SIZE": "6", "LOCAL_RANK": "1"}
    assert device_of_rank(CUDA, environment) == torch.device("cuda", 1)
    assert device_of_rank(CPU, environment) == CPU
    with pytest.raises(InputError, match="Rank 2 of this machine has no GPU: torch finds 2"):
        device_of_rank(CUDA, environment | {"LOCAL_RANK": "2"})


def test_a_device_without_exchanges_is_refused():
    with pytest.raises(InputError, match="Several ranks cannot train on mps"):
        join_ranks(torch.device("mps"), {"WORLD_SIZE": "2"})


def place(ranks: Ranks) -> tuple[int, int]:
    """Return the number of a rank on its machine, and the number of ranks there."""
    return ranks.local_rank, ranks.local_size


@pytest.mark.slow
def test_each_rank_has_a_place_on_its_machine():
    assert on_ranks(place, size=3) == [(0, 3), (1, 3), (2, 3)]


def test_a_text_instead_of_a_number_of_ranks_is_refused():
    with pytest.raises(InputError, match="WORLD_SIZE is 'many'"):
        expected_ranks({"WORLD_SIZE": "many"})


def test_the_ranks_of_a_machine_share_its_cores(monkeypatch):
    monkeypatch.setattr("jem_tui.jem.model.device.os.sched_getaffinity", lambda pid: set(range(9)), raising=False)
    assert [choose_threads(0, processes) for processes in (1, 2, 3, 8, 64)] == [8, 4, 2, 1, 1]
    assert choose_threads(5, 8) == 5


def exchanged_alone(ranks: Ranks) -> tuple[int, bool, list[float], list[str]]:
    """Return what a rank exchanges with itself."""
    values = torch.tensor([1.0, 2.0])
    ranks.average([values])
    found = ranks.size, ranks.alone, ranks.mean(values).tolist(), ranks.texts("x")
    torch.distributed.destroy_process_group()
    return found


@pytest.mark.slow
def test_one_rank_in_a_group_performs_every_exchange_if_asked():
    assert on_ranks(joined_in_a_group_of_one, size=1) == [(1, False, [1.0, 2.0], ["x"])]


def joined_in_a_group_of_one(_: Ranks) -> tuple[int, bool, list[float], list[str]]:
    """Join a group of one, as the environment variable demands."""
    torch.distributed.destroy_process_group()
    return exchanged_alone(join_ranks(CPU, {COLLECTIVES: "1"}))
