"""Training on two ranks, each a process with gloo."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.jem.runs import small_config
from tests.ranks.on_ranks import on_ranks
from tests.ranks.training import trained

pytestmark = pytest.mark.slow

FIFTY = small_config("buffer.explorers=16", max_steps=50)


def test_two_ranks_keep_equal_weights_and_repeat_a_run_bit_for_bit(tmp_path: Path):
    first, second = on_ranks(trained, FIFTY, tmp_path / "one")
    assert first.weights == second.weights
    assert first.chains != second.chains
    assert first.metrics == second.metrics
    assert len(first.metrics) == 50
    assert first.kinds == second.kinds
    again = on_ranks(trained, FIFTY, tmp_path / "two")
    assert [rank.weights for rank in again] == [first.weights, second.weights]
    assert [rank.chains for rank in again] == [first.chains, second.chains]
