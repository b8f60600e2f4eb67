"""Explorers, which are kept apart from the replay buffer and enter it when their energy is near that of the images."""

from __future__ import annotations

from typing import Any

import torch

from jem_tui.config.schema import BufferConfig
from jem_tui.jem.data.image_set import as_pixels
from jem_tui.jem.sampling.chain_pool import ChainPool
from jem_tui.jem.sampling.initial_distribution import ClassGaussians, InitialDistribution

SHAPE = (1, 4, 4)


def make_chain_pool(labels: int = 0, hinge: float = 10.0, **settings: Any) -> ChainPool:
    given = {"size": 32, "explorers": 16, "explorer_share": 0.25, "reinit_prob": 0.0, "init": "informative"}
    config = BufferConfig(**(given | settings))
    noise = torch.Generator().manual_seed(0)
    gray = torch.full((40, *SHAPE), 0.5) + 0.01 * torch.rand(40, *SHAPE, generator=noise)
    gaussians = ClassGaussians(as_pixels(gray), torch.arange(40) % 2, 2)
    initial = InitialDistribution(config, gaussians, SHAPE, torch.device("cpu"), labels)
    return ChainPool(config, hinge, initial, noise)


def test_a_batch_ends_with_its_share_of_explorers_which_start_from_noise():
    chain_pool = make_chain_pool()
    slots, x = chain_pool.draw(16)
    assert chain_pool.explorer_count(16) == 4
    assert (slots[:12] < 32).all()
    assert (slots[12:] >= 32).all()
    assert float(x[:12].std()) < 0.2
    assert 0.4 < float(x[12:].std()) < 0.75  # uniform on [−1, 1]: 0.577
    assert torch.equal(chain_pool.values("x", slots), x)


def test_without_explorers_every_chain_is_of_the_buffer():
    chain_pool = make_chain_pool(explorers=0)
    assert chain_pool.explorer_count(16) == 0
    assert (chain_pool.draw(16)[0] < 32).all()
    assert chain_pool.first(8).tolist() == list(range(8))


def test_an_explorer_near_the_images_enters_the_buffer_with_its_age_and_restarts():
    chain_pool = make_chain_pool()
    slots, x = chain_pool.draw(16)
    energy_above_data = torch.full((16,), 5.0)
    energy_above_data[12] = 1.0
    grown, others = int(slots[12]) - 32, slots[13:] - 32
    moved = x.clone()
    moved[12:] = 0.25
    chain_pool.store(slots, moved, 7, energy_above_data)
    adopted = (chain_pool.buffer.x == 0.25).flatten(1).all(1).nonzero().squeeze(1)
    assert len(adopted) == 1
    assert int(chain_pool.buffer.age[adopted]) == 7
    assert int(chain_pool.buffer.reseeds[adopted]) == 1
    assert int(chain_pool.explorers.age[grown]) == 0
    assert not (chain_pool.explorers.x[grown] == 0.25).all()
    assert chain_pool.explorers.age[others].tolist() == [7, 7, 7]


def test_chains_beyond_the_hinge_retire_to_a_gaussian_after_some_visits_wherever_they_are():
    chain_pool = make_chain_pool(size=12, explorers=4, noise_visits=2)
    for _ in range(3):
        slots, x = chain_pool.draw(16)
        chain_pool.store(slots, x, 1, torch.full((16,), 11.0))
    assert float(chain_pool.explorers.x.std()) < 0.2
    assert chain_pool.explorers.age.tolist() == [1] * 4


def test_without_a_hinge_no_chain_is_far():
    chain_pool = make_chain_pool(hinge=0.0)
    slots, x = chain_pool.draw(16)
    chain_pool.store(slots, x, 1, torch.full((16,), 1e6))
    assert not chain_pool.buffer.far_visits.any()
    assert not chain_pool.explorers.far_visits.any()


def test_the_shown_chains_are_those_of_the_buffer():
    chain_pool = make_chain_pool()
    assert chain_pool.explorers is not None
    assert chain_pool.first(8).tolist() == list(range(8))
    assert len(chain_pool.first(1000)) == len(chain_pool.buffer)


def test_some_chains_restart_in_both_parts():
    chain_pool = make_chain_pool()
    slots, x = chain_pool.draw(16)
    chain_pool.store(slots, x, 3, torch.full((16,), 5.0))
    chain_pool.restart(slots[10:14])
    assert chain_pool.values("age", slots).tolist() == [3] * 10 + [0] * 4 + [3] * 2


def test_chains_with_a_class_start_in_it_and_keep_it():
    chain_pool = make_chain_pool(labels=2)
    slots, x = chain_pool.draw(16)
    labels = chain_pool.values("label", slots)
    assert set(labels.tolist()) == {0, 1}
    chain_pool.store(slots, x, 1, torch.full((16,), 5.0))
    assert torch.equal(chain_pool.values("label", slots), labels)


def test_state_goes_back_into_another_chain_pool():
    one, other = make_chain_pool(), make_chain_pool()
    slots, x = one.draw(16)
    one.store(slots, x, 2, torch.zeros(16))
    other.load_state_dict(one.state_dict())
    everyone = torch.arange(48)
    for name in ("x", "age", "label", "reseeds", "far_visits"):
        assert torch.equal(one.values(name, everyone), other.values(name, everyone))
