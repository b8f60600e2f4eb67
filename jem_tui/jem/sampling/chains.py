"""Chains: the states that SGLD moves, each with its label, age, restarts and far visits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

FIELDS = ("x", "label", "age", "reseeds", "far_visits")
"""The fields of chains in checkpoints."""

Rows = Tensor | slice


@dataclass(frozen=True, kw_only=True)
class Chains:
    """States of n chains and the facts about them."""

    x: Tensor
    """States, shape (n, channels, height, width)."""
    facts: Tensor
    """Label, age, restarts and far visits of each chain, int64, shape (n, 4)."""

    @classmethod
    def empty(cls, count: int, shape: tuple[int, ...], device: torch.device) -> Chains:
        """Create chains whose states are not set and whose facts are 0."""
        facts = torch.zeros(count, len(FIELDS) - 1, dtype=torch.int64, device=device)
        return cls(x=torch.empty(count, *shape, device=device), facts=facts)

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: Rows) -> Chains:
        """Return the chains in `rows`: copies for numbers of rows, views for a slice."""
        return Chains(x=self.x[rows], facts=self.facts[rows])

    @property
    def label(self) -> Tensor:
        """A view of the class whose energy each chain descends, shape (n,)."""
        return self.facts[:, 0]

    @property
    def age(self) -> Tensor:
        """A view of the SGLD steps of each chain since its restart, shape (n,)."""
        return self.facts[:, 1]

    @property
    def reseeds(self) -> Tensor:
        """A view of the restarts of each chain, shape (n,)."""
        return self.facts[:, 2]

    @property
    def far_visits(self) -> Tensor:
        """A view of the consecutive batches after which each chain was beyond the hinge, shape (n,)."""
        return self.facts[:, 3]

    def put(self, slots: Tensor, chains: Chains) -> None:
        """Write chains into `slots` (n,)."""
        self.x.index_copy_(0, slots, chains.x)
        self.facts.index_copy_(0, slots, chains.facts)

    def state_dict(self) -> dict[str, Tensor]:
        """Return a copy of every field."""
        return {name: getattr(self, name).clone() for name in FIELDS}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Restore every field from a state returned by `state_dict`."""
        for name in FIELDS:
            getattr(self, name).copy_(state[name])


@dataclass(frozen=True, kw_only=True)
class DrawnChains:
    """Chains of one batch, explorers last, after their restarts; they are not stored yet."""

    chains: Chains
    """Copies of the m chains."""
    slots: Tensor
    """Slots that the chains were drawn from, shape (m,)."""
    places: Tensor
    """Slots that the chains are stored in, shape (m,), then slots of the buffer for explorers that enter it, shape (explorers,)."""


@dataclass(frozen=True, kw_only=True)
class MovedChains:
    """Chains of one batch as they are stored: drawn chains after their steps, then explorers that may enter the buffer."""

    chains: Chains
    places: Tensor
    """Distinct slots of the chains, shape (n,)."""
    chosen: Tensor
    """True for chains that are stored, false for explorers that are too far from the images, shape (n,)."""


def joined(parts: Sequence[Chains]) -> Chains:
    """Return the chains of all parts as one."""
    return Chains(x=torch.cat([part.x for part in parts]), facts=torch.cat([part.facts for part in parts]))


def replaced(x: Tensor, where: Tensor, draw: Callable[[Rows], Tensor], fixed: bool) -> Tensor:
    """Return `x` (n, channels, height, width) with `draw(rows)` in the rows where `where` (n,) is true; `x` may be overwritten.

    With `fixed`, images are drawn for all rows and then selected, so that no shape depends on values and a GPU need not wait.
    Otherwise only the needed images are drawn, from an equal distribution.
    """
    if fixed:
        return torch.where(where.view(-1, 1, 1, 1), draw(slice(None)), x)
    rows = where.nonzero().squeeze(1)
    if len(rows):
        x[rows] = draw(rows)
    return x
