"""Commands of a viewer act on all ranks at the same step, in any order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ranks.scenario import outline, play
from tests.ranks.small_run import digests

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in range(2, 12))])
def test_random_commands_act_on_all_ranks_at_the_same_step(tmp_path: Path, seed: int):
    steered = play(tmp_path / "two", seed, ranks=2)
    first, second = (digests(tmp_path / "two", rank) for rank in (0, 1))
    assert first == second
    assert outline(steered) == outline(play(tmp_path / "one", seed, ranks=1))
