"""The choice of slots: which chains a batch draws, and which slots they are stored in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from jem_tui.config.schema import BufferPolicy

ANY = 2**62
"""Random integers below this number are uniform modulo any number of chains, to a part in 10¹²."""


@dataclass(frozen=True, kw_only=True)
class Strata:
    """A random draw of distinct integers from several ranges, in a few operations and without sorting.

    Each range is divided into strata of nearly equal width, one for each number to be drawn. A number is uniform in its stratum, and
    all numbers of a range are rotated by one random amount. The numbers are distinct, and each integer of a range is equally likely;
    neighbours are less often drawn together than in a permutation.
    """

    divisors: Tensor
    """The width of each stratum, then the size of each range, shape (m + ranges,)."""
    begin: Tensor
    """First integer of each stratum within its range, shape (m,)."""
    size: Tensor
    """Size of the range of each stratum, shape (m,)."""
    base: Tensor
    """First integer of the range of each stratum, shape (m,)."""
    rotation: Tensor
    """Row of the rotation of each stratum in `divisors`, shape (m,)."""

    @classmethod
    def of(cls, sizes: Sequence[int], counts: Sequence[int], device: torch.device) -> Strata:
        """Prepare a draw of `counts` integers from consecutive ranges of `sizes`, each count at most its size."""
        bounds = [torch.arange(count + 1) * size // max(1, count) for size, count in zip(sizes, counts, strict=True)]
        wholes = torch.tensor(sizes)
        of = torch.arange(len(sizes)).repeat_interleave(torch.tensor(counts))
        parts = {
            "divisors": torch.cat([*(bound.diff() for bound in bounds), wholes.clamp(min=1)]),
            "begin": torch.cat([bound[:-1] for bound in bounds]),
            "size": wholes[of],
            "base": (wholes.cumsum(0) - wholes)[of],
            "rotation": of + sum(counts),
        }
        return cls(**{name: part.to(device) for name, part in parts.items()})

    def draw(self, generator: torch.Generator) -> Tensor:
        """Draw the integers of all ranges, shape (m,)."""
        drawn = torch.randint(ANY, self.divisors.shape, generator=generator, device=self.divisors.device)
        drawn %= self.divisors
        return (self.begin + drawn[: len(self.begin)] + drawn[self.rotation]) % self.size + self.base


@dataclass(kw_only=True)
class SlotChooser:
    """Chooses slots of the replay buffer, which are numbered first, and of the explorers.

    Policies: *independent* draws chains of the buffer at random and stores them into the same slots; *ring* draws at random and
    overwrites the oldest (the original project's first buffer); *epoch* draws every slot once a pass, in a new order each time.
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
        homes, apart = torch.split(self._drawn(near, away), [near + away, away])
        slots = torch.cat([homes[:near], apart])
        if self.policy == "ring":
            homes = self._from_position(near + away) % self.size
            self.position.add_(near + away).remainder_(self.size)
        if not away:
            return slots, homes
        return slots, torch.cat([homes[:near], apart, homes[near:]])

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
        """Return distinct slots of the buffer (near + away,), then of explorers (away,)."""
        counts = (near + away, away)
        if counts not in self._strata:
            self._strata[counts] = Strata.of((self.size, self.explorers), counts, self.device)
        drawn = self._strata[counts].draw(self.generator)
        if self.policy == "epoch":
            drawn[: near + away] = self._next_of_pass(near, away)
        return drawn

    def _next_of_pass(self, near: int, away: int) -> Tensor:
        """Return the next `near` slots of the pass and the `away` slots that follow, from a new pass if too few are left."""
        done = self.position + near > self.size
        shuffled = torch.rand(self.size, generator=self.generator, device=self.device).argsort()
        self.order.copy_(torch.where(done, shuffled, self.order))
        self.position.masked_fill_(done, 0)
        slots = self.order[self._from_position(near + away) % self.size]
        self.position.add_(near)
        return slots

    def _from_position(self, count: int) -> Tensor:
        return self.position + torch.arange(count, device=self.device)
