"""Shares of the ranks in the sizes of a run, with 64 ranks that exchange nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from torch.testing._internal.distributed.fake_pg import FakeStore

from jem_tui.config.rank_sizes import refuse_uneven
from jem_tui.errors import InputError
from jem_tui.events.run import StepDone
from jem_tui.jem.data.datasets import mnist_mini
from jem_tui.jem.data.image_set import Batches
from jem_tui.jem.learner.generators import STREAMS, make_generators
from jem_tui.jem.learner.shares import share_of
from jem_tui.jem.ranks.ranks import Ranks
from tests.jem.data.test_image_set import next_of
from tests.jem.runs import small_config
from tests.ranks.on_ranks import on_ranks
from tests.ranks.training import opened

CPU = torch.device("cpu")
WIDE = ("train.batch_size=512", "buffer.size=4096", "buffer.explorers=512")


def test_every_rank_takes_its_own_rows_of_each_batch_of_the_common_order():
    images = mnist_mini().train
    everything = Batches(images, 512, CPU, torch.Generator().manual_seed(3))
    parts = [
        Batches(images, 512, CPU, torch.Generator().manual_seed(3), Ranks(rank=r, size=64)) for r in (0, 1, 37, 63)
    ]
    for _ in range(everything.steps_per_epoch + 1):
        x, labels = next_of(everything)
        for part in parts:
            begin = part.first
            own, own_labels = next_of(part)
            assert len(own) == 8
            assert torch.equal(own, x[begin : begin + 8])
            assert torch.equal(own_labels, labels[begin : begin + 8])
    assert {part.steps_per_epoch for part in parts} == {everything.steps_per_epoch}


def test_each_rank_has_random_streams_of_its_own_except_for_the_order_of_images():
    states = [make_generators(5, CPU, rank).state_dict() for rank in range(8)]
    for name in STREAMS:
        different = {tuple(state[name].tolist()) for state in states}
        assert len(different) == (1 if name == "order" else 8)


def test_rank_0_has_the_random_streams_of_a_run_of_one_process_after_rollbacks_too():
    alone, first, second = make_generators(5, CPU), make_generators(5, CPU, 0), make_generators(5, CPU, 1)
    for rollbacks in (0, 1, 2):
        for generators in (alone, first, second):
            generators.seed(5, rollbacks)
        for name in STREAMS:
            assert torch.equal(alone.state_dict()[name], first.state_dict()[name])
            assert torch.equal(alone.state_dict()[name], second.state_dict()[name]) == (name == "order")


def test_sizes_of_the_settings_are_divided_among_the_ranks():
    shared = share_of(small_config(*WIDE), Ranks(size=64))
    assert (shared.train.batch_size, shared.buffer.size, shared.buffer.explorers) == (8, 64, 8)


@pytest.mark.parametrize(
    ("words", "size", "remedy"),
    [
        (
            ("train.batch_size=64", "buffer.size=4002", "buffer.explorers=0", "objective.adversarial=0"),
            3,
            "train.batch_size=63",
        ),
        (("buffer.size=4000", "buffer.explorers=0"), 3, "buffer.size=3999"),
        (("buffer.explorers=800",), 3, "buffer.explorers=801"),
        # A quarter of a batch of 64 is one noisy image for each of 16 ranks.
        ((*WIDE, "train.batch_size=64", "buffer.explorers=0", "objective.denoising=1"), 32, "train.batch_size=128"),
        # An eighth of a batch of 4 rounds to no explorer.
        ((*WIDE, "train.batch_size=256"), 64, "train.batch_size=512"),
    ],
)
def test_sizes_that_ranks_cannot_share_equally_are_refused_with_sizes_that_fit(words, size, remedy):
    config = small_config(*words)
    with pytest.raises(InputError) as refused:
        refuse_uneven(config, size)
    assert f"-s {remedy}" in refused.value.hint


def test_the_sizes_that_a_refusal_names_are_accepted():
    config = small_config("buffer.size=1000", "buffer.explorers=100", "train.batch_size=40")
    for size in (3, 7, 24, 64):
        with pytest.raises(InputError) as refused:
            refuse_uneven(config, size)
        named = dict(word.split("=") for word in refused.value.hint.rstrip(".").split() if "=" in word)
        buffer = replace(
            config.buffer,
            size=int(named.get("buffer.size", 1000)),
            explorers=int(named.get("buffer.explorers", 100)),
        )
        train = replace(config.train, batch_size=int(named.get("train.batch_size", 40)))
        refuse_uneven(replace(config, buffer=buffer, train=train), size)


def test_a_resumed_run_keeps_its_sizes_and_is_offered_another_number_of_ranks():
    config = small_config("buffer.size=64", "buffer.explorers=16", "train.batch_size=16")
    for size, remedy in ((3, "--ranks 2;"), (4, "--ranks 2;")):
        with pytest.raises(InputError) as refused:
            refuse_uneven(config, size, resume=True)
        assert remedy in refused.value.hint and "-s" not in refused.value.hint.split()
    assert "the explorers, the adversarial or the denoised images in train.batch_size=16" in str(refused.value)


def one_of_64(_: Ranks, folder: Path) -> dict[str, object]:
    """Take steps as rank 37 of 64, each of which answers like this one."""
    torch.distributed.destroy_process_group()
    torch.distributed.init_process_group("fake", store=FakeStore(), rank=37, world_size=64)
    group = torch.distributed.group.WORLD
    trainer = opened(Ranks(rank=37, size=64, group=group, control=group), small_config(*WIDE), folder)
    learner = trainer.learner
    taken = [event for event in islice(trainer.events(), 8) if isinstance(event, StepDone)]
    assert learner.chain_pool.explorers is not None
    return {
        "images": [event.images for event in taken][:2],
        "chains": (len(learner.buffer), len(learner.chain_pool.explorers), learner.chains_per_step),
        "explorers": learner.chain_pool.explorer_count(learner.chains_per_step),
        "rows": (learner.batches.first, learner.batches.share),
    }


@pytest.mark.slow
def test_a_rank_of_64_trains_its_share(tmp_path: Path):
    (found,) = on_ranks(one_of_64, tmp_path, size=1)
    assert found == {"images": [512, 1024], "chains": (64, 8, 8), "explorers": 1, "rows": (37 * 8, 8)}
