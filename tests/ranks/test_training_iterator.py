"""Iterators of `jem_tui.train` in a group that exists already, as in a worker of Ray."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.api.leading_rank import rank_and_size
from jem_tui.api.training import train
from jem_tui.errors import InputError
from jem_tui.events.run import StepDone, Stopped
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.run_files import sorted_checkpoints
from jem_tui.stream.runs.run_dir import read_run_file
from tests.jem.runs import small_config
from tests.ranks.on_ranks import on_ranks


def iterated(ranks: Ranks, folder: Path) -> list[tuple[int, str]]:
    """Train twice on this rank, the first time up to a break; return steps and reasons of the ends."""
    config = small_config("train.batch_size=16", max_steps=6)
    found: list[tuple[int, str]] = []
    for event in train(config, run_dir=folder, door=False):
        if isinstance(event, StepDone) and event.step == 3:
            break
    for event in train(config, resume=folder, door=False) if ranks.rank else train(resume=folder, door=False):
        if isinstance(event, StepDone | Stopped):
            found.append((event.step, getattr(event, "reason", "")))
    return found


@pytest.mark.slow
def test_only_rank_0_iterates_over_events_in_a_group_that_exists(tmp_path: Path):
    first, second = on_ranks(iterated, tmp_path / "run")
    assert first == [(4, ""), (5, ""), (6, ""), (6, "finished")]
    assert second == []
    assert read_run_file(tmp_path / "run").status == "finished"
    assert [path.stem for path in sorted_checkpoints(tmp_path / "run")] == ["step_000003", "step_000006"]


def test_ranks_are_those_of_the_launcher():
    assert rank_and_size({}) == rank_and_size({"WORLD_SIZE": "1", "RANK": "0"}) == (0, 1)
    assert rank_and_size({"WORLD_SIZE": "8", "RANK": "3"}) == (3, 8)


@pytest.mark.parametrize(
    "variables",
    [
        {"WORLD_SIZE": "two"},
        {"WORLD_SIZE": "1e9", "RANK": "0"},
        {"WORLD_SIZE": "2"},
        {"WORLD_SIZE": "2", "RANK": "-1"},
        {"WORLD_SIZE": "2", "RANK": "2"},
    ],
)
def test_variables_of_an_unknown_launcher_are_refused(variables: dict[str, str]):
    with pytest.raises(InputError, match="environment variable"):
        rank_and_size(variables)
