"""Training on two ranks, each a process with gloo."""

from __future__ import annotations

import itertools
import math
import socket
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from jem_tui.config.schema import RunConfig
from jem_tui.events.rank_states import RankStates
from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.model.networks import energy
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.jem.trainer import rank_monitor
from tests.jem.runs import small_config
from tests.ranks.on_ranks import on_ranks
from tests.ranks.training import Trained, events_of, opened, report_of, set_chains, trained

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


def timed_by_own_clock(ranks: Ranks, config: RunConfig, folder: Path) -> Trained:
    """Train until the time of rank 0 is up, on ranks whose clocks run at different speeds."""
    trainer, clock = opened(ranks, config, folder), itertools.count(step=1 + ranks.rank)
    trainer.learner.run_time._now = lambda: float(next(clock))
    return report_of(trainer, events_of(trainer, {}))


@pytest.mark.parametrize("graph", ["off", "on"])
def test_the_time_of_rank_0_ends_a_run_at_a_rate_of_almost_zero(tmp_path: Path, graph: str):
    words = ("train.minutes=2", "optimizer.warmup=0", "optimizer.decay=linear", "buffer.explorers=16")
    first, second = on_ranks(timed_by_own_clock, small_config(*words, f"train.graph={graph}", max_steps=0), tmp_path)
    assert first.metrics == second.metrics
    assert (first.weights, first.kinds) == (second.weights, second.kinds)
    rates = [step["optimizer/rate"] for step in first.metrics]
    assert len(rates) > 10 and rates[-1] < 0.1 * rates[0]
    assert 1.8 < first.metrics[-1]["train/minutes"] < 2


SAME = small_config(
    "train.batch_size=64",
    "buffer.size=64",
    "buffer.explorers=0",
    "buffer.reinit_prob=0",
    "buffer.noise_visits=0",
    "buffer.init=uniform",
    "data.noise_scale=0",
    "data.translate=0",
    "sgld.noise_scale=0",
    "objective.adversarial=0",
    "objective.hinge=0.05",
    "optimizer.ema=0",
    max_steps=10,
)


def trained_on_common_chains(ranks: Ranks, folder: Path) -> Trained:
    """Train with as many chains as a batch has, the same ones on any number of ranks, so that only the number of ranks differs."""
    trainer = opened(ranks, SAME, folder / f"of_{ranks.size}")
    noise = torch.rand(64, 1, 28, 28, generator=torch.Generator().manual_seed(1)) * 2 - 1
    set_chains(trainer.learner, noise)
    network = trainer.learner.network
    with torch.no_grad():
        # Energies of a fresh network hardly differ; with a larger last layer, some chains are beyond the hinge.
        list(network.parameters())[-2].mul_(100)
        images = as_input(trainer.learner.batches.pixels[:64])
        above = energy(network(noise)) - energy(network(images)).mean()
    beyond = float((above > SAME.objective.hinge).float().mean())
    events = events_of(trainer, {})
    weights = torch.cat([weight.detach().flatten() for weight in network.parameters()])
    return report_of(trainer, events, weights=weights.numpy(), beyond=beyond)


def test_two_ranks_train_like_one_with_the_hinge_active(tmp_path: Path):
    alone = trained_on_common_chains(ALONE, tmp_path)
    first, second = on_ranks(trained_on_common_chains, tmp_path)
    assert first.weights == second.weights
    assert 0.2 < alone.extra["beyond"] < 0.9
    for mine, others in zip(alone.metrics, first.metrics, strict=True):
        assert mine == pytest.approx(others, rel=1e-5, abs=1e-5)
    assert np.abs(alone.extra["weights"] - first.extra["weights"]).max() < 1e-5


def states_of(ranks: Ranks, folder: Path) -> list[dict[str, object]]:
    """Train with a report on the ranks after every other step."""
    rank_monitor.EVERY = 1e-9
    trainer = opened(ranks, small_config(max_steps=6), folder)
    return [asdict(event) for event in events_of(trainer, {}) if isinstance(event, RankStates)]


def test_the_states_of_both_ranks_are_emitted_by_both(tmp_path: Path):
    first, second = on_ranks(states_of, tmp_path)
    assert len(first) == len(second) == 3
    # Their text compares states that are unknown, NaN, as equal.
    assert [repr({**state, "time": 0}) for state in first] == [repr({**state, "time": 0}) for state in second]
    assert [math.isnan(state["images_per_second"][0]) for state in first] == [True, False, False]
    last = first[-1]
    assert last["hosts"] == (socket.gethostname(),) * 2
    assert last["devices"] == ("cpu",) * 2
    assert all(0 <= share <= 1 for share in last["waiting"])
    assert all(speed > 0 for speed in last["images_per_second"])
    assert all(0 < used < total for used, total in zip(last["memory"], last["memory_total"], strict=True))
    assert last["energy"][0] != last["energy"][1]
