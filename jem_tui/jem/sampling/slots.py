"""The choice of slots: which chains a batch draws, and which slots they are stored in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import torch
from torch import Tensor

from jem_tui.config.schema import BufferPolicy

ANY = 2**62
"""Random integers below this number are uniform modulo any number of chains, to a part in 10¹²."""
ANY_ON_MPS = 2**31 - 1
"""The same on Apple's GPU, whose random integers have 32 bits: uniform modulo 10,000 chains to a part in 10⁵."""


@dataclass(frozen=True, kw_only=True)
class Strata:
    """A random draw of distinct integers from ranges, in a few operations and without sorting.

    Each range is divided into strata of nearly equal width, one for each number to be drawn. A number is uniform in its stratum, and
    all numbers are rotated within their ranges by one random amount. The numbers are distinct, and each integer of a range is equally
    likely; neighbours are less often drawn together than in a permutation.
    """

    begin: Tensor
    """First integer of each stratum within its range, shape (m,)."""
    width: Tensor
    """Width of each stratum, shape (m,)."""
    size: Tensor
    """Size of the range of each stratum, shape (m,)."""
    base: Tensor
    """First integer of the range of each stratum, shape (m,)."""

    @classmethod
    def of(cls, size: int, count: int, base: int, device: torch.device) -> Strata:
        """Prepare a draw of `count` of the `size` integers from `base` on."""
        bounds = (torch.arange(count + 1) * size // max(1, count)).to(device)
        size_, base_ = (torch.full((count,), value, device=device) for value in (size, base))
        return cls(begin=bounds[:-1], width=bounds.diff(), size=size_, base=base_)

    @classmethod
    def joined(cls, parts: Sequence[Strata]) -> Strata:
        """Return the strata of all parts as one draw."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: torch.cat([getattr(part, name) for part in parts]) for name in names})

    def __getitem__(self, rows: slice) -> Strata:
        """Return some of the strata."""
        return Strata(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def draw(self, generator: torch.Generator) -> Tensor:
        """Draw the integers, shape (m,)."""
        count, device = len(self.begin), self.begin.device
        most = ANY_ON_MPS if device.type == "mps" else ANY
        drawn = torch.randint(most, (count + 1,), generator=generator, device=device)
        inside = (drawn[:count] % self.width).add_(self.begin).add_(drawn[count])
        return inside.remainder_(self.size).add_(self.base)


@dataclass(kw_only=True)
class SlotChooser:
    """Chooses slots of the replay buffer, which are numbered first, and of the explorers.

    Policies: *independent* draws chains of the buffer at random and stores them into the same slots; *ring* draws at random and
    overwrites the oldest (the original project's first buffer); *epoch* draws every slot once a pass, in a new order each time.
    A ring keeps a drawn chain in its slot until that is the oldest, even if the chain restarts in the batch. Explorers enter a ring in
    any slots that the batch does not overwrite.
    """

    policy: BufferPolicy
    size: int
    """Number of slots of the replay buffer."""
    explorers: int
    """Number of slots of explorers."""
    generator: torch.Generator
    device: torch.device
    order: Tensor = field(init=False)
    """Order of the slots in a pass of the policy *epoch*, shape (size,); empty for the other policies."""
    position: Tensor = field(init=False)
    """Position in the pass, or the oldest slot of a ring, shape (1,)."""
    _strata: dict[tuple[int, int], Strata] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.order = torch.arange(self.size if self.policy == "epoch" else 0, device=self.device)
        self.position = torch.full((1,), len(self.order), device=self.device)

    def choose(self, near: int, away: int) -> tuple[Tensor, Tensor]:
        """Return slots to draw, and places to store in: of `near` chains of the buffer, then of `away` explorers.

        The places end with `away` more slots of the buffer for explorers that enter it. All places are distinct, for which the
        buffer must have at least `near` + `away` slots.
        """
        places = self._drawn(near, away)
        slots, homes = places[: near + away], places[near + away :]
        if self.policy == "ring":
            places = torch.cat([self._from_position(near), slots[near:], (homes + self.position) % self.size])
            self.position.add_(near).remainder_(self.size)
        return slots, places

    def state_dict(self) -> dict[str, Any]:
        """Return the order of the pass and the position."""
        return {"order": self.order.clone(), "position": int(self.position)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore order and position from a state returned by `state_dict`; without the order of a pass, the next draw begins one."""
        if self.policy == "ring":
            self.position.fill_(state["position"] % self.size)
        elif len(state.get("order", ())) == self.size == len(self.order):
            self.order.copy_(state["order"])
            self.position.fill_(state["position"])
        else:
            self.position.fill_(len(self.order))

    def _drawn(self, near: int, away: int) -> Tensor:
        """Return distinct slots: of the buffer (near,), of explorers (away,), and of the buffer again (away,).

        In a ring the latter count from the oldest slot on and leave out the `near` oldest, and are not distinct from the first.
        """
        counts = (near, away)
        if counts not in self._strata:
            self._strata[counts] = self._strata_of(near, away)
        drawn = self._strata[counts].draw(self.generator)
        if self.policy == "epoch":
            drawn[:near], drawn[near + away :] = self._next_of_pass(near, away).tensor_split([near])
        return drawn

    def _strata_of(self, near: int, away: int) -> Strata:
        explorers = Strata.of(self.explorers, away, self.size, self.device)
        if self.policy == "ring":
            buffer = Strata.of(self.size, near, 0, self.device)
            return Strata.joined([buffer, explorers, Strata.of(self.size - near, away, near, self.device)])
        buffer = Strata.of(self.size, near + away, 0, self.device)
        return Strata.joined([buffer[:near], explorers, buffer[near:]])

    def _next_of_pass(self, near: int, away: int) -> Tensor:
        """Return the next `near` slots of the pass and the `away` slots that follow, from a new pass if too few are left."""
        done = self.position + near > self.size
        shuffled = torch.rand(self.size, generator=self.generator, device=self.device).argsort()
        self.order.copy_(torch.where(done, shuffled, self.order))
        self.position.masked_fill_(done, 0)
        slots = self.order[self._from_position(near + away)]
        self.position.add_(near)
        return slots

    def _from_position(self, count: int) -> Tensor:
        """Return `count` consecutive positions or slots from the current one, shape (count,)."""
        return (self.position + torch.arange(count, device=self.device)) % self.size
