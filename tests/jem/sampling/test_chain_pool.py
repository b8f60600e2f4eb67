"""Chains of a pool: their restarts, their storage, and explorers that enter the replay buffer near the images."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jem_tui.jem.sampling.chains import Chains
from tests.jem.sampling.pools import KEEP, every_chain, make_chain_pool, stored_one_by_one, visit

heights = st.lists(st.floats(-5, 30, width=32), min_size=16, max_size=16)


@settings(max_examples=40)
@given(
    energy_above_data=heights,
    visits=st.lists(st.integers(0, 6), min_size=48, max_size=48),
    promote=st.floats(-3, 3, width=32),
    policy=st.sampled_from(["independent", "ring", "epoch"]),
    labels=st.sampled_from([0, 2]),
    fixed=st.booleans(),
)
def test_chains_are_stored_as_one_by_one(energy_above_data, visits, promote, policy, labels, fixed):
    pool = make_chain_pool(promote=promote, policy=policy, labels=labels, fixed=fixed, noise_visits=5)
    pool._chains.far_visits[:-1] = torch.tensor(visits)
    before = every_chain(pool)
    drawn = pool.draw(16)
    assert all(torch.equal(values, before[name]) for name, values in every_chain(pool).items())
    x = drawn.chains.x * 0.5
    pool.store(pool.prepare(drawn, x, 3, torch.tensor(energy_above_data)), KEEP)
    after = every_chain(pool)
    expected = stored_one_by_one(before, drawn, x, 3, energy_above_data, 12, 10.0, promote)
    grown = drawn.slots[12:][torch.tensor(energy_above_data[12:]) < promote]
    assert (after["x"][grown] != expected["x"][grown]).flatten(1).any(1).all(), "promoted explorers restart"
    for name in expected:
        if name in ("x", "label"):
            expected[name][grown] = after[name][grown]
        assert torch.equal(after[name], expected[name]), name


@settings(max_examples=30)
@given(
    batches=st.lists(heights, min_size=1, max_size=8),
    policy=st.sampled_from(["independent", "ring", "epoch"]),
    reinit_prob=st.sampled_from([0.0, 0.2]),
    fixed=st.booleans(),
)
def test_after_any_number_of_steps_the_facts_of_a_chain_are_with_its_state(batches, policy, reinit_prob, fixed):
    pool = make_chain_pool(policy=policy, labels=2, reinit_prob=reinit_prob, fixed=fixed)
    pool._chains.label[:-1] = torch.randint(0, 1000, (48,), generator=torch.Generator().manual_seed(2))
    marks = iter(range(2, 10_000))
    # No start has a pixel above 1, which therefore identifies the state of a step.
    history: dict[int, list[int]] = {}
    for energy_above_data in batches:
        drawn = pool.draw(16)
        for mark, facts in marked(drawn.chains):
            assert facts == history[mark]
        x = drawn.chains.x.clone()
        x[:, 0, 0, 0] = torch.tensor([next(marks) for _ in x])
        moved = drawn.chains.facts[:, :2].clone()
        moved[:, 1] += 3
        far = drawn.chains.far_visits + 1
        far[torch.tensor(energy_above_data) <= 10] = 0
        for mark, label_and_age, visits in zip(x[:, 0, 0, 0].tolist(), moved.tolist(), far.tolist(), strict=True):
            history[int(mark)] = [*label_and_age, visits]
        pool.store(pool.prepare(drawn, x, 3, torch.tensor(energy_above_data)), KEEP)
        for mark, facts in marked(pool._chains[: pool._last]):
            assert facts == history[mark]


def marked(chains: Chains) -> list[tuple[int, list[int]]]:
    """Return mark, label, age and far visits of the chains that a step has marked."""
    rows = (chains.x[:, 0, 0, 0] > 1).nonzero().squeeze(1)
    facts = chains.facts[rows][:, [0, 1, 3]].tolist()
    return list(zip(chains.x[rows, 0, 0, 0].int().tolist(), facts, strict=True))


@settings(max_examples=20)
@given(energy_above_data=heights, fixed=st.booleans())
def test_an_unusable_step_changes_no_chain(energy_above_data, fixed):
    pool = make_chain_pool(promote=3.0, fixed=fixed)
    before, drawn = every_chain(pool), pool.draw(16)
    pool.store(pool.prepare(drawn, drawn.chains.x * 0.5, 3, torch.tensor(energy_above_data)), torch.tensor(False))
    assert all(torch.equal(values, before[name]) for name, values in every_chain(pool).items())


@pytest.mark.parametrize("fixed", [False, True])
@settings(max_examples=20)
@given(
    visits=st.lists(st.integers(0, 6), min_size=48, max_size=48),
    reinit_prob=st.sampled_from([0.0, 0.5, 1.0]),
    noise_visits=st.sampled_from([0, 1, 5]),
)
def test_restarted_chains_are_those_of_chance_and_those_that_stayed_far(fixed, visits, reinit_prob, noise_visits):
    pool = make_chain_pool(reinit_prob=reinit_prob, noise_visits=noise_visits, fixed=fixed)
    facts = pool._chains.facts
    facts[:-1, 1], facts[:-1, 3] = 7, torch.tensor(visits)
    before = every_chain(pool)
    drawn = pool.draw(16)
    old, new = {name: values[drawn.slots] for name, values in before.items()}, drawn.chains
    begun = new.age == 0
    stuck = (old["far_visits"] >= noise_visits) if noise_visits else torch.zeros(16, dtype=torch.bool)
    assert (begun | ~stuck).all()
    assert reinit_prob == 0.5 or torch.equal(begun, stuck | (reinit_prob == 1.0))
    assert torch.equal((new.x != old["x"]).flatten(1).any(1), begun)
    assert torch.equal(new.reseeds, old["reseeds"] + begun)
    assert torch.equal(new.far_visits, torch.where(begun, 0, old["far_visits"]))
    assert float(new.x[:12].std()) < 0.2, "chains of the buffer restart near the data"
    if reinit_prob == 1.0:
        assert 0.4 < float(new.x[12:].std()) < 0.75, "explorers restart from noise, uniform on [−1, 1]: 0.577"
    if not reinit_prob and stuck[12:].any():
        assert float(new.x[12:][stuck[12:]].std()) < 0.2, "retired explorers restart near the data"


def test_chains_restart_with_the_given_probability():
    pool = make_chain_pool(reinit_prob=0.25, noise_visits=0, explorers=0)
    for _ in range(200):
        visit(pool, 8, 0.0)
    assert int(pool.buffer.reseeds.sum()) == pytest.approx(400, rel=0.15)


@pytest.mark.parametrize("fixed", [False, True])
def test_a_share_of_the_restarts_of_a_mixture_is_noise(fixed):
    pool = make_chain_pool(init="mixture", uniform_share=0.3, reinit_prob=0.5, noise_visits=0, explorers=0, fixed=fixed)
    restarts = [(drawn.chains.x[drawn.chains.age == 0]) for drawn in (visit(pool, 32, 0.0) for _ in range(100))]
    noisy = torch.cat(restarts).flatten(1).std(1) > 0.3
    assert float(noisy.float().mean()) == pytest.approx(0.3, abs=0.05)


def test_independent_chains_return_to_their_slots_and_age():
    pool = make_chain_pool(explorers=0, policy="independent")
    drawn = pool.draw(8)
    pool.store(pool.prepare(drawn, drawn.chains.x + 1, 5, torch.zeros(8)), KEEP)
    assert torch.equal(pool.buffer.x[drawn.slots], drawn.chains.x + 1)
    assert pool.buffer.age[drawn.slots].tolist() == [5] * 8
    assert int(pool.buffer.age.sum()) == 40


def test_ring_overwrites_the_oldest_slots_in_turn():
    pool = make_chain_pool(explorers=0, policy="ring")
    for batch in range(5):
        drawn = pool.draw(8)
        pool.store(pool.prepare(drawn, torch.full_like(drawn.chains.x, 10 + batch), 1, torch.zeros(8)), KEEP)
    assert pool.buffer.x[:, 0, 0, 0].tolist() == [14] * 8 + [11] * 8 + [12] * 8 + [13] * 8


def test_a_batch_ends_with_its_share_of_explorers_which_start_from_noise():
    pool = make_chain_pool()
    drawn = pool.draw(16)
    assert pool.explorer_count(16) == 4
    assert (drawn.slots[:12] < 32).all() and (drawn.slots[12:] >= 32).all()
    assert float(drawn.chains.x[:12].std()) < 0.2
    assert 0.4 < float(drawn.chains.x[12:].std()) < 0.75
    assert torch.equal(pool.values("x", drawn.slots), drawn.chains.x)


def test_without_explorers_every_chain_is_of_the_buffer():
    pool = make_chain_pool(explorers=0)
    assert pool.explorer_count(16) == 0
    assert (pool.draw(16).slots < 32).all()
    assert pool.first(8).tolist() == list(range(8))


def test_chains_beyond_the_hinge_retire_to_a_gaussian_after_some_visits_wherever_they_are():
    pool = make_chain_pool(size=16, explorers=4, noise_visits=2, policy="epoch")
    for _ in range(3):
        visit(pool, 16, 11.0)
    assert float(pool.explorers.x.std()) < 0.2
    assert pool.explorers.age.tolist() == [1] * 4


def test_without_a_hinge_no_chain_is_far():
    pool = make_chain_pool(hinge=0.0)
    visit(pool, 16, 1e6)
    assert not pool.buffer.far_visits.any()
    assert not pool.explorers.far_visits.any()


def test_the_shown_chains_are_those_of_the_buffer():
    pool = make_chain_pool()
    assert pool.first(8).tolist() == list(range(8))
    assert len(pool.first(1000)) == len(pool.buffer)


def test_some_chains_restart_in_both_parts():
    pool = make_chain_pool()
    slots = visit(pool, 16, 5.0, steps=3).slots
    pool.restart(slots[10:14])
    assert pool.values("age", slots).tolist() == [3] * 10 + [0] * 4 + [3] * 2
    assert float(pool.values("x", slots[10:12]).std()) < 0.2 < float(pool.values("x", slots[12:14]).std())


@pytest.mark.parametrize("fixed", [False, True])
def test_only_chains_that_are_not_finite_restart_after_an_unusable_step(fixed):
    pool = make_chain_pool(fixed=fixed)
    slots = visit(pool, 16, 5.0, steps=3).slots
    before, drawn = every_chain(pool), pool.draw(16)
    x = drawn.chains.x.clone()
    x[3, 0, 1, 2], x[13] = torch.nan, torch.inf
    pool.restart_broken(drawn, x, KEEP)
    assert all(torch.equal(values, before[name]) for name, values in every_chain(pool).items())
    pool.restart_broken(drawn, x, torch.tensor(False))
    changed = (pool.values("reseeds", torch.arange(48)) - before["reseeds"]).nonzero().squeeze(1)
    assert sorted(changed.tolist()) == sorted(drawn.slots[[3, 13]].tolist())
    assert pool.values("age", drawn.slots[[3, 13]]).tolist() == [0, 0]
    assert len(slots) == 16 and every_chain(pool)["x"].isfinite().all()


def test_reseeding_replaces_every_chain_by_noise_and_keeps_its_class():
    pool = make_chain_pool(labels=2)
    before = every_chain(pool)
    pool.restart_all()
    after = every_chain(pool)
    assert not (after["x"] == before["x"]).flatten(1).all(1).any()
    assert after["reseeds"].tolist() == [1] * 48
    assert torch.equal(after["label"], before["label"])
    assert float(after["x"].var()) == pytest.approx(1 / 3, rel=0.2)


@pytest.mark.parametrize("fixed", [False, True])
def test_chains_with_a_class_start_in_it_and_keep_it(fixed):
    pool = make_chain_pool(labels=2, fixed=fixed)
    drawn = visit(pool, 16, 5.0)
    assert set(drawn.chains.label.tolist()) == {0, 1}
    assert torch.equal(pool.values("label", drawn.slots), drawn.chains.label)


def test_state_goes_back_into_another_chain_pool():
    one, other = make_chain_pool(), make_chain_pool()
    visit(one, 16, 0.0, steps=2)
    other.load_state_dict(one.state_dict())
    these, those = every_chain(one), every_chain(other)
    assert all(torch.equal(these[name], those[name]) for name in these)
