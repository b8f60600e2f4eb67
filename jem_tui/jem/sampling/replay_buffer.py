"""The replay buffer: chains that continue over many batches, with their labels, ages and restart counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from jem_tui.config.schema import BufferConfig
from jem_tui.jem.sampling.initial_distribution import InitialDistribution

FIELDS = ("x", "label", "age", "reseeds", "far_visits")


@dataclass(frozen=True, kw_only=True)
class DrawnChains:
    """Copies of drawn chains after their restarts, before they are stored in the buffer."""

    slots: Tensor
    """Slots in the buffer, shape (n,)."""
    x: Tensor
    """States of the chains, shape (n, channels, height, width)."""
    facts: Tensor
    """Label, age, restarts and far visits of each chain, shape (n, 4)."""

    @property
    def label(self) -> Tensor:
        """The class whose energy each chain descends, shape (n,)."""
        return self.facts[:, 0]

    def after(self, x: Tensor, steps: int, far: Tensor) -> DrawnChains:
        """Return the chains after `steps` more SGLD steps, at `x`; `far` (n,) marks chains that ended beyond the hinge."""
        facts = self.facts.clone()
        facts[:, 1] += steps
        facts[:, 3] += 1
        facts[:, 3] *= far
        return replace(self, x=x, facts=facts)


class ReplayBuffer:
    """Persistent chains of SGLD, of which batches are drawn, moved and stored.

    Policies: *independent* draws slots at random and stores into the same slots; *ring* draws at random and overwrites the
    oldest (the original project's first buffer); *epoch* draws every slot once a pass, in a new order each time.
    """

    def __init__(self, config: BufferConfig, initial: InitialDistribution, generator: torch.Generator) -> None:
        """Fill all `config.size` chains from the initial distribution."""
        self._config = config
        self._initial = initial
        self._generator = generator
        self.x, label = initial.draw_labelled(config.size, generator)
        """States of the chains, shape (size, channels, height, width)."""
        self._facts = torch.zeros(config.size, len(FIELDS) - 1, dtype=torch.int64, device=self.x.device)
        """Label, age, restarts and far visits of each chain in one tensor, shape (size, 4)."""
        self.label, self.age, self.reseeds, self.far_visits = self._facts.unbind(1)
        """Views of `_facts` (size,): the class of a conditional chain, its SGLD steps and restarts, and its consecutive batches beyond the hinge."""
        self.label.copy_(label)
        self._order = torch.empty(0, dtype=torch.int64)
        self._position = 0

    def __len__(self) -> int:
        return len(self.x)

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Draw slots (count,) with the states of their chains (count, channels, height, width); some chains restart before they are drawn."""
        slots = self._pick(count).to(self.x.device)
        chance = torch.rand(count, generator=self._generator, device=self.x.device)
        self.restart(slots[chance < self._config.reinit_prob])
        self._retire(slots)
        return slots, self.x[slots]

    def store(self, slots: Tensor, x: Tensor, steps: int, far: Tensor) -> None:
        """Keep chains after `steps` more SGLD steps; `far` (count,) marks chains that ended beyond the hinge."""
        age, reseeds = self.age[slots] + steps, self.reseeds[slots]
        visits = torch.where(far, self.far_visits[slots] + 1, 0)
        if self._config.policy == "ring":
            slots = (torch.arange(len(slots), device=self.x.device) + self._position) % len(self)
            self._position = (self._position + len(slots)) % len(self)
        self.x[slots] = x
        self.age[slots] = age
        self.reseeds[slots] = reseeds
        self.far_visits[slots] = visits

    def draw_fixed(self, count: int) -> DrawnChains:
        """Draw like `draw` with independent slots, in tensors of fixed shapes and without changing the buffer."""
        slots = self._distinct(count)
        drawn = DrawnChains(slots=slots, x=self.x[slots], facts=self._facts[slots])
        fresh = torch.rand(count, generator=self._generator, device=slots.device) < self._config.reinit_prob
        visits = self._config.noise_visits
        return self.restarted(drawn, fresh, (drawn.facts[:, 3] >= visits) & ~fresh if visits else None)

    def restarted(self, drawn: DrawnChains, fresh: Tensor, stuck: Tensor | None = None) -> DrawnChains:
        """Return the chains with new starts where `fresh` (n,), and with starts near the data where `stuck` (n,).

        Starts are drawn for all chains, because the host does not know for which chains they are needed.
        """
        x, label = self._initial.draw_fixed(len(fresh), stuck, self._generator)
        begins = fresh if stuck is None else fresh | stuck
        again = torch.zeros_like(drawn.facts)
        again[:, 0] = label
        torch.add(drawn.facts[:, 2], 1, out=again[:, 2])
        return DrawnChains(
            slots=drawn.slots,
            x=torch.where(begins.view(-1, 1, 1, 1), x, drawn.x),
            facts=torch.where(begins.view(-1, 1), again, drawn.facts),
        )

    def put(self, drawn: DrawnChains, chosen: Tensor) -> None:
        """Write chains into their slots where `chosen` (n,)."""
        for kept, new in ((self.x, drawn.x), (self._facts, drawn.facts)):
            mask = chosen.view(-1, *[1] * (new.ndim - 1))
            kept.index_copy_(0, drawn.slots, torch.where(mask, new, kept[drawn.slots]))

    def adopt_fixed(self, drawn: DrawnChains, chosen: Tensor) -> None:
        """Adopt the chains of another buffer like `adopt`, where `chosen` (n,)."""
        places = self._distinct(len(chosen))
        facts = drawn.facts.clone()
        torch.add(self.reseeds[places], 1, out=facts[:, 2])
        self.put(replace(drawn, slots=places, facts=facts), chosen)

    def adopt(self, others: ReplayBuffer, slots: Tensor) -> None:
        """Copy chains from the slots (n,) of another buffer, each over a chain drawn at random."""
        places = torch.randperm(len(self), generator=self._generator, device=self.x.device)[: len(slots)]
        self.reseeds[places] += 1
        for name in ("x", "label", "age", "far_visits"):
            getattr(self, name)[places] = getattr(others, name)[slots[: len(places)]]

    def restart_all(self) -> None:
        """Restart every chain from uniform noise."""
        self._replace(torch.arange(len(self), device=self.x.device), self._initial.uniform(len(self), self._generator))

    def restart(self, slots: Tensor) -> None:
        """Restart the chains in `slots` (n,) from the initial distribution."""
        if len(slots):
            self._replace(slots, *self._initial.draw_labelled(len(slots), self._generator))

    def state_dict(self) -> dict[str, Any]:
        """Return all chains and the order of draws."""
        chains = {name: getattr(self, name).clone() for name in FIELDS}
        return {**chains, "order": self._order.clone(), "position": self._position}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore chains and order from a state returned by `state_dict`; without an order, the next draw begins a pass."""
        for name in FIELDS:
            getattr(self, name).copy_(state[name])
        self._order, self._position = state.get("order", self._order[:0]), state["position"]

    def _distinct(self, count: int) -> Tensor:
        """Return slots (count,) drawn at random without repetition, in one sort and without waiting for the device."""
        keys = torch.rand(len(self), generator=self._generator, device=self.x.device)
        return keys.argsort()[:count]

    def _pick(self, count: int) -> Tensor:
        if self._config.policy != "epoch":
            return torch.randperm(len(self), generator=self._generator, device=self.x.device)[:count]
        if self._position + count > len(self._order):
            self._order = torch.randperm(len(self), generator=self._generator, device=self.x.device)
            self._position = 0
        self._position += count
        return self._order[self._position - count : self._position]

    def _retire(self, slots: Tensor) -> None:
        """Restart chains that stayed beyond the hinge for too many batches, near the data."""
        if self._config.noise_visits:
            stuck = slots[self.far_visits[slots] >= self._config.noise_visits]
            if len(stuck):
                self._replace(stuck, *self._initial.informative_labelled(len(stuck), self._generator))

    def _replace(self, slots: Tensor, x: Tensor, label: Tensor | None = None) -> None:
        self.x[slots] = x
        if label is not None:
            self.label[slots] = label
        self.age[slots] = 0
        self.reseeds[slots] += 1
        self.far_visits[slots] = 0
