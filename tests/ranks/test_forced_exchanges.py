"""A run of one process that performs every exchange with itself, on each device that is there: exchanges inside a CUDA graph, too."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from jem_tui.events.rank_states import RankStates
from jem_tui.jem.ranks.join import COLLECTIVES, join_ranks
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.jem.trainer import rank_monitor
from tests.jem.runs import small_config
from tests.ranks.on_ranks import on_ranks
from tests.ranks.training import Trained, events_of, opened, report_of

pytestmark = pytest.mark.slow

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA"))]


def with_and_without(_: Ranks, device: str, folder: Path) -> tuple[Trained, Trained, RankStates]:
    """Train alone and in a group of one; return both reports and the last states of the rank."""
    torch.distributed.destroy_process_group()
    rank_monitor.EVERY = 1e-9
    words = (f"train.device={device}", "train.graph=on", "buffer.explorers=16", "stability.snapshot_every=8")
    config = small_config(*words, max_steps=30)
    reports, states = [], []
    for number, ranks in enumerate((ALONE, join_ranks(torch.device(device), {COLLECTIVES: "1"}))):
        trainer = opened(ranks, config, folder / str(number))
        events = events_of(trainer, {})
        states += [event for event in events if isinstance(event, RankStates)]
        reports.append(report_of(trainer, [event for event in events if not isinstance(event, RankStates)]))
    return reports[0], reports[1], states[-1]


@pytest.mark.parametrize("device", DEVICES)
def test_a_group_of_one_gives_the_numbers_of_a_run_alone(tmp_path: Path, device: str):
    # The first launch on a GPU chooses kernels by trial and compiles a graph.
    ((alone, grouped, states),) = on_ranks(with_and_without, device, tmp_path, size=1, deadline=120)
    assert grouped.metrics == alone.metrics
    assert grouped.weights == alone.weights
    assert grouped.chains == alone.chains
    assert grouped.kinds == alone.kinds
    assert states.size == 1
    assert states.images_per_second[0] > 0
    assert 0 <= states.waiting[0] <= 1
    assert math.isfinite(states.energy[0])
