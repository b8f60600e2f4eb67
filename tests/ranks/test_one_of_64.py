"""One of 64 ranks, whose group exchanges nothing: the sizes of all tensors that a step exchanges and holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch.distributed as dist
from torch.testing._internal.distributed.fake_pg import FakeStore

from jem_tui.events.run import StepDone
from jem_tui.jem.ranks.ranks import Ranks
from tests.jem.runs import small_config
from tests.ranks.training import opened


@pytest.fixture
def ranks() -> Iterator[Ranks]:
    """Return rank 37 of 64 in a group of torch's backend `fake`."""
    dist.init_process_group("fake", store=FakeStore(), rank=37, world_size=64)
    try:
        yield Ranks(rank=37, size=64, group=dist.group.WORLD, control=dist.group.WORLD)
    finally:
        dist.destroy_process_group()


def test_a_rank_of_64_trains_on_its_share(ranks: Ranks, tmp_path: Path):
    config = small_config("train.batch_size=512", "buffer.size=4096", "buffer.explorers=512", "train.threads=1")
    trainer = opened(ranks, config, tmp_path)
    assert len(trainer.learner.buffer) == 4096 // 64
    assert trainer.learner.chains_per_step == 512 // 64
    assert ranks.gather(trainer.learner.buffer.x[:2]).shape == (64, 2, 1, 28, 28)
    events = trainer.events()
    steps = (event for event in events if isinstance(event, StepDone))
    assert [next(steps).images for _ in range(3)] == [512, 1024, 1536]
    events.close()
