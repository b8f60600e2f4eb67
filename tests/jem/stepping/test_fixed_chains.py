"""Chains drawn and stored in tensors of fixed shapes, compared with chains that the host draws and stores."""

from __future__ import annotations

import copy

import torch
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.sampling.initial_distribution import ClassGaussians
from jem_tui.jem.sampling.replay_buffer import FIELDS
from tests.jem.sampling.test_chain_pool import make_chain_pool


@given(
    energy_above_data=st.lists(st.floats(-5, 30, width=32), min_size=16, max_size=16),
    visits=st.lists(st.integers(0, 6), min_size=16, max_size=16),
)
def test_chains_are_stored_as_the_host_stores_them(energy_above_data, visits):
    fixed = make_chain_pool(promote=-10.0, noise_visits=5)
    with torch.no_grad():
        fixed.buffer.far_visits[:16] = torch.tensor(visits)
    led = copy.deepcopy(fixed)
    drawn = fixed.draw_fixed(16)
    assert all(torch.equal(getattr(fixed.buffer, name), getattr(led.buffer, name)) for name in FIELDS)
    for part, buffer in zip(drawn, (led.buffer, led.explorers), strict=True):
        buffer.x[part.slots], buffer._facts[part.slots] = part.x, part.facts
    x = torch.cat([part.x for part in drawn]) * 0.5
    slots = torch.cat([drawn[0].slots, drawn[1].slots + len(led.buffer)])
    led.store(slots, x, 3, torch.tensor(energy_above_data))
    fixed.store_fixed(drawn, x, 3, torch.tensor(energy_above_data), torch.tensor(True))
    for one, other in ((fixed.buffer, led.buffer), (fixed.explorers, led.explorers)):
        assert all(torch.equal(getattr(one, name), getattr(other, name)) for name in FIELDS)


@given(promote=st.floats(-3, 3), keep=st.booleans())
def test_explorers_near_the_images_enter_the_buffer_and_start_again(promote, keep):
    chain_pool = make_chain_pool(promote=promote, noise_visits=0)
    drawn = chain_pool.draw_fixed(16)
    x = torch.cat([part.x for part in drawn]).fill_(0.25)
    before = copy.deepcopy(chain_pool)
    energy_above_data = torch.tensor([5.0] * 12 + [-2.0, -1.0, 1.0, 2.0])
    chain_pool.store_fixed(drawn, x, 7, energy_above_data, torch.tensor(keep))
    if not keep:
        pairs = ((chain_pool.buffer, before.buffer), (chain_pool.explorers, before.explorers))
        assert all(torch.equal(getattr(a, name), getattr(b, name)) for a, b in pairs for name in FIELDS)
        return
    grown = energy_above_data[12:] < promote
    restarted = chain_pool.explorers.age[drawn[1].slots] == 0
    assert torch.equal(restarted, grown)
    new = (chain_pool.buffer.reseeds - before.buffer.reseeds).sum()
    assert int(new) == int(grown.sum())
    assert (chain_pool.explorers.x[drawn[1].slots[grown]] != 0.25).flatten(1).any(1).all()


def test_starts_in_one_piece_have_the_moments_of_starts_class_by_class():
    torch.manual_seed(0)
    chain_pool = make_chain_pool(labels=2)
    gaussians = chain_pool.buffer._initial._gaussians
    noise = torch.Generator().manual_seed(1)
    classes = torch.arange(4000) % 2
    fixed = gaussians.draw_fixed(classes, 4000, noise).flatten(1)
    led = gaussians.draw_of(classes, noise).flatten(1)
    for label in (0, 1):
        one, other = fixed[classes == label], led[classes == label]
        torch.testing.assert_close(one.mean(0), other.mean(0), atol=0.005, rtol=0)
        torch.testing.assert_close(one.T.cov(), other.T.cov(), atol=2e-4, rtol=0)


def test_starts_in_one_piece_take_no_memory_for_images_that_classes_do_not_have():
    counts = [60, 0, 1, 3]
    labels = torch.arange(4).repeat_interleave(torch.tensor(counts))
    pixels = torch.randint(
        0, 256, (len(labels), 1, 4, 4), generator=torch.Generator().manual_seed(1), dtype=torch.uint8
    )
    gaussians = ClassGaussians(pixels, labels, len(counts))
    classes = torch.tensor([0, 1, 2, 3] * 500)
    drawn = gaussians.draw_fixed(classes, len(classes), torch.Generator().manual_seed(0)).flatten(1)
    assert gaussians._stacked.roots.numel() == sum(counts) * 16
    assert drawn[classes == 1].mean(0).abs().max() < 0.01, "gray where there are no images"
    lone = as_input(pixels[labels == 2]).flatten(1)[0]
    assert (drawn[classes == 2].mean(0) - lone).abs().max() < 0.05
    assert drawn[classes == 3].var(0).mean() > 10 * drawn[classes == 2].var(0).mean()
