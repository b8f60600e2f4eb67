"""Exchange between ranks, each a process with gloo."""

from __future__ import annotations

import pytest
import torch

from jem_tui.jem.ranks.ranks import ALONE, Ranks
from tests.ranks.on_ranks import on_ranks


def exchanged(ranks: Ranks) -> dict[str, object]:
    a, b = torch.full((2, 3), float(ranks.rank)), torch.tensor(10.0 * ranks.rank)
    ranks.average([a, b])
    return {
        "average": (a.tolist(), float(b)),
        "gather": ranks.gather(torch.tensor([ranks.rank, 7])).tolist(),
        "scalars": ranks.gather(torch.tensor(ranks.rank)).tolist(),
        "mean": ranks.mean(torch.tensor([1.0, 3.0 * ranks.rank])).tolist(),
        "numbers": ranks.numbers(ranks.rank, 0.1),
        "all": (ranks.all(True), ranks.all(ranks.rank == 1)),
        "any": (ranks.any(ranks.rank == 1), ranks.any(False)),
        "texts": ranks.texts("é\ud800" * ranks.rank),
    }


@pytest.mark.slow
def test_all_ranks_receive_equal_values_in_the_order_of_the_ranks():
    first, second = on_ranks(exchanged)
    assert first == second
    assert first == {
        "average": ([[0.5] * 3] * 2, 5.0),
        "gather": [[0, 7], [1, 7]],
        "scalars": [0, 1],
        "mean": [1.0, 1.5],
        "numbers": [[0.0, 0.1], [1.0, 0.1]],
        "all": (True, False),
        "any": (True, False),
        "texts": ["", "é?"],
    }


def test_a_run_of_one_process_exchanges_nothing():
    values = torch.tensor([1.0, 2.0])
    ALONE.average([values])
    assert ALONE.mean(values) is values
    assert ALONE.gather(values).tolist() == [[1.0, 2.0]]
    assert (ALONE.all(True), ALONE.all(False), ALONE.any(True), ALONE.any(False)) == (True, False, True, False)
    assert (ALONE.numbers(3), ALONE.texts("x"), ALONE.share(10)) == ([[3]], ["x"], 10)


def failing(ranks: Ranks) -> None:
    if ranks.rank:
        raise ValueError("wrong on one rank")
    ranks.barrier()


@pytest.mark.slow
def test_a_failure_on_one_rank_is_reported_with_its_traceback():
    with pytest.raises(AssertionError, match=r"rank 1(.|\n)*wrong on one rank"):
        on_ranks(failing)
