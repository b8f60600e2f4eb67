"""The choice of slots: distinct, equally likely, and by policy."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.config.schema import BufferPolicy
from jem_tui.jem.sampling.slots import SlotChooser, Strata

CPU = torch.device("cpu")


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def chooser(policy: BufferPolicy = "independent", size: int = 32, explorers: int = 8) -> SlotChooser:
    return SlotChooser(policy=policy, size=size, explorers=explorers, generator=seeded(), device=CPU)


@given(
    ranges=st.lists(
        st.integers(1, 300).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size))), min_size=1, max_size=3
    ),
    seed=st.integers(0, 2**31),
)
def test_drawn_numbers_are_distinct_and_in_their_range(ranges, seed):
    parts, ends = [], []
    for size, count in ranges:
        base = sum(previous for previous, _ in ends)
        parts.append(Strata.of(size, count, base, CPU))
        ends.append((size, count))
    drawn = Strata.joined(parts).draw(seeded(seed)).tolist()
    assert len(set(drawn)) == len(drawn) == sum(count for _, count in ranges)
    for part in parts:
        own, drawn = drawn[: len(part.begin)], drawn[len(part.begin) :]
        assert all(int(part.base[0]) <= number < int(part.base[0] + part.size[0]) for number in own)


@pytest.mark.parametrize(("size", "count"), [(10, 1), (10, 4), (17, 5), (12, 12)])
def test_every_number_is_equally_likely_at_every_position(size, count):
    strata, noise, draws = Strata.of(size, count, 0, CPU), seeded(1), 6000
    rows = torch.stack([strata.draw(noise) for _ in range(draws)])
    for position in range(count):
        found = torch.bincount(rows[:, position], minlength=size) / draws
        assert (found - 1 / size).abs().max() < 5 * (1 / size / draws) ** 0.5


@pytest.mark.parametrize("policy", ["independent", "ring", "epoch"])
def test_no_slot_is_drawn_or_stored_twice(policy):
    choice = chooser(policy)
    for _ in range(12):
        slots, places = choice.choose(8, 3)
        assert len(slots) == len(set(slots.tolist())) == 11
        assert len(places) == len(set(places.tolist())) == 14
        assert (slots[:8] < 32).all() and (slots[8:] >= 32).all() and (slots < 40).all()
        assert torch.equal(places[8:11], slots[8:]) and (places[11:] < 32).all()
        assert policy == "ring" or torch.equal(places[:8], slots[:8])


def test_ring_stores_into_every_slot_in_turn():
    choice = chooser("ring", explorers=0)
    assert [choice.choose(12, 0)[1].tolist() for _ in range(3)] == [
        list(range(12)),
        list(range(12, 24)),
        [*range(24, 32), *range(4)],
    ]


def test_a_ring_with_explorers_leaves_no_slot_out_and_admits_them_anywhere_else():
    choice, near, away = chooser("ring"), 12, 4
    homes: Counter[int] = Counter()
    for batch in range(2000):
        oldest, entered = choice.choose(near, away)[1].tensor_split([near + away])
        assert oldest[:near].tolist() == [(batch * near + i) % 32 for i in range(near)]
        homes.update(((entered - batch * near) % 32).tolist())
    assert sorted(homes) == list(range(near, 32))
    assert max(homes.values()) < 1.25 * min(homes.values())


def test_epoch_draws_every_slot_once_a_pass():
    choice = chooser("epoch", explorers=0)
    passes = [torch.cat([choice.choose(8, 0)[0] for _ in range(4)]).tolist() for _ in range(2)]
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(32))
    assert passes[0] != passes[1]


def test_independent_draws_are_of_any_slot():
    choice = chooser(size=20, explorers=0)
    drawn = Counter(slot for _ in range(2000) for slot in choice.choose(5, 0)[0].tolist())
    assert min(drawn[slot] for slot in range(20)) > 380 and max(drawn.values()) < 620


@pytest.mark.parametrize("policy", ["independent", "ring", "epoch"])
@pytest.mark.parametrize("batches", [0, 1, 3])
def test_a_restored_choice_continues_as_if_not_interrupted(policy, batches):
    one, other = chooser(policy), chooser(policy)
    for _ in range(batches):
        one.choose(8, 2)
    other.load_state_dict(one.state_dict())
    other.generator.set_state(one.generator.get_state())
    for _ in range(6):
        assert all(torch.equal(*pair) for pair in zip(one.choose(8, 2), other.choose(8, 2), strict=True))


def test_a_restored_pass_without_an_order_begins_again():
    choice = chooser("epoch", explorers=0)
    choice.load_state_dict({"order": torch.empty(0, dtype=torch.int64), "position": 0})
    assert sorted(torch.cat([choice.choose(8, 0)[0] for _ in range(4)]).tolist()) == list(range(32))
