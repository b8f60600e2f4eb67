from __future__ import annotations

from typing import Any

import pytest
import torch

from jem_tui.config.schema import BufferConfig
from jem_tui.jem.data.image_set import as_pixels
from jem_tui.jem.sampling.initial_distribution import ClassGaussians, InitialDistribution
from jem_tui.jem.sampling.replay_buffer import ReplayBuffer

SHAPE = (1, 4, 4)
NONE_FAR = torch.zeros(8, dtype=torch.bool)


def make_buffer(**settings: Any) -> ReplayBuffer:
    config = BufferConfig(size=32, **{"reinit_prob": 0.0, "init": "uniform", **settings})
    noise = torch.Generator().manual_seed(0)
    pixels = as_pixels(torch.rand(40, *SHAPE, generator=noise) * 2 - 1)
    gaussians = ClassGaussians(pixels, torch.arange(40) % 2, 2)
    return ReplayBuffer(config, InitialDistribution(config, gaussians, SHAPE, torch.device("cpu")), noise)


@pytest.mark.parametrize("policy", ["independent", "ring", "epoch"])
def test_a_batch_has_no_slot_twice_and_the_chains_of_its_slots(policy):
    buffer = make_buffer(policy=policy)
    for _ in range(6):
        slots, x = buffer.draw(8)
        assert len(set(slots.tolist())) == 8
        assert torch.equal(x, buffer.x[slots])


def test_independent_chains_return_to_their_slots_and_age():
    buffer = make_buffer()
    slots, x = buffer.draw(8)
    buffer.store(slots, x + 1, 5, NONE_FAR)
    assert torch.equal(buffer.x[slots], x + 1)
    assert buffer.age[slots].tolist() == [5] * 8
    assert int(buffer.age.sum()) == 40


def test_ring_overwrites_the_oldest_slots_in_turn():
    buffer = make_buffer(policy="ring")
    for batch in range(5):
        slots, x = buffer.draw(8)
        value = torch.full_like(x, 10 + batch)
        buffer.store(slots, value, 1, NONE_FAR)
    assert buffer.x[:, 0, 0, 0].tolist() == [14] * 8 + [11] * 8 + [12] * 8 + [13] * 8


def test_epoch_draws_every_slot_once_a_pass():
    buffer = make_buffer(policy="epoch")
    passes = [torch.cat([buffer.draw(8)[0] for _ in range(4)]).tolist() for _ in range(2)]
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(32))
    assert passes[0] != passes[1]


def test_chains_restart_with_the_given_probability():
    buffer = make_buffer(reinit_prob=0.25)
    for _ in range(200):
        slots, x = buffer.draw(8)
        buffer.store(slots, x, 1, NONE_FAR)
    assert int(buffer.reseeds.sum()) == pytest.approx(400, rel=0.15)


def test_a_restart_zeroes_the_age():
    buffer = make_buffer(reinit_prob=1.0)
    slots, x = buffer.draw(8)
    buffer.store(slots, x, 3, NONE_FAR)
    again, _ = buffer.draw(32)
    assert buffer.age[again].tolist() == [0] * 32
    assert buffer.reseeds[slots].tolist() == [2] * 8


def test_chains_stuck_beyond_the_hinge_are_retired():
    buffer = make_buffer(noise_visits=2)
    slots = torch.arange(8)
    far = torch.arange(8) < 3
    for _ in range(2):
        buffer.store(slots, buffer.x[slots], 1, far)
    buffer.store(slots[:1], buffer.x[:1].clone(), 1, torch.tensor([False]))
    buffer.draw(32)
    assert buffer.reseeds[:8].tolist() == [0, 1, 1, 0, 0, 0, 0, 0]


def test_reseeding_replaces_every_chain_with_noise():
    buffer = make_buffer(init="informative")
    before = buffer.x.clone()
    buffer.restart_all()
    assert not (buffer.x == before).flatten(1).all(1).any()
    assert buffer.reseeds.tolist() == [1] * 32
    assert float(buffer.x.var()) == pytest.approx(1 / 3, rel=0.2)


@pytest.mark.parametrize("policy", ["independent", "ring", "epoch"])
def test_state_round_trip_continues_alike(policy):
    one, other = make_buffer(policy=policy), make_buffer(policy=policy)
    slots, x = one.draw(8)
    one.store(slots, x * 0.5, 4, NONE_FAR)
    other.load_state_dict(one.state_dict())
    other._generator.set_state(one._generator.get_state())
    for _ in range(5):
        a, b = one.draw(8), other.draw(8)
        assert torch.equal(a[0], b[0])
        assert torch.equal(a[1], b[1])


def test_class_gaussians_have_the_mean_and_covariance_of_their_class():
    noise = torch.Generator().manual_seed(3)
    x = torch.randn(400, 1, 1, 3, generator=noise) @ torch.tensor([[0.2, 0.1, 0.0], [0.0, 0.1, 0.1], [0.0, 0.0, 0.05]])
    pixels = as_pixels(x)
    drawn = ClassGaussians(pixels, torch.zeros(400, dtype=torch.int64), 1).draw(20_000, noise).flatten(1)
    expected = torch.cov(x.flatten(1).T) + 1e-3 * torch.eye(3)
    torch.testing.assert_close(torch.cov(drawn.T), expected, atol=2e-3, rtol=0.05)
    torch.testing.assert_close(drawn.mean(0), x.flatten(1).mean(0), atol=0.01, rtol=0)


def test_a_mixture_has_its_share_of_noise():
    buffer = make_buffer()
    config = BufferConfig(init="mixture", uniform_share=0.3)
    pixels = torch.full((10, *SHAPE), 128, dtype=torch.uint8)
    gaussians = ClassGaussians(pixels, torch.zeros(10, dtype=torch.int64), 1)
    drawn = InitialDistribution(config, gaussians, SHAPE, torch.device("cpu")).draw(2000, buffer._generator)
    noisy = drawn.flatten(1).std(1) > 0.3
    assert float(noisy.float().mean()) == pytest.approx(0.3, abs=0.04)
