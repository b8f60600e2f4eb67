"""All chains of a run: the replay buffer, and explorers, which start from noise and enter the buffer once their energy is low."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from jem_tui.config.schema import BufferConfig
from jem_tui.jem.sampling.initial_distribution import InitialDistribution
from jem_tui.jem.sampling.replay_buffer import DrawnChains, ReplayBuffer


class ChainPool:
    """The replay buffer and the explorers, drawn and stored in common batches.

    Samples must include noise far from the images, or log p(x) is not learned there; but chains that are still noise distort the
    replay buffer. Chains from noise are therefore kept apart as explorers. An explorer whose energy comes within `promote` nats
    of the images' mean energy replaces a chain of the buffer. Slots number the chains of the buffer first, then the explorers.
    """

    def __init__(
        self, config: BufferConfig, hinge: float, initial: InitialDistribution, generator: torch.Generator
    ) -> None:
        """Fill all chains; a chain counts as far beyond `hinge` nats above the images (0: never)."""
        self._config = config
        self._hinge = hinge or torch.inf
        self._generator = generator
        self.buffer = ReplayBuffer(config, initial, generator)
        apart = replace(config, size=config.explorers, policy="independent")
        self.explorers = ReplayBuffer(apart, initial.noise_only(), generator) if config.explorers else None

    def explorer_count(self, count: int) -> int:
        """Return the number of explorers in a batch of `count` chains."""
        share = self._config.explorer_share if self.explorers is not None else 0.0
        return min(round(count * share), self._config.explorers)

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Draw slots (count,) with the states of their chains (count, channels, height, width), the explorers last."""
        away = self.explorer_count(count)
        slots, x = self.buffer.draw(count - away)
        if self.explorers is None or not away:
            return slots, x
        more, noise = self.explorers.draw(away)
        return torch.cat([slots, more + len(self.buffer)]), torch.cat([x, noise])

    def first(self, count: int) -> Tensor:
        """Return the first `count` slots of the replay buffer, or all if there are fewer; explorers are not included."""
        return torch.arange(min(count, len(self.buffer)), device=self.buffer.x.device)

    def values(self, name: str, slots: Tensor) -> Tensor:
        """Return a copy (n, …) of a field in `replay_buffer.FIELDS` for the chains in `slots` (n,)."""
        values: Tensor = getattr(self.buffer, name)[slots.clamp(max=len(self.buffer) - 1)]
        if self.explorers is not None:
            away = slots >= len(self.buffer)
            values[away] = getattr(self.explorers, name)[slots[away] - len(self.buffer)]
        return values

    def store(self, slots: Tensor, x: Tensor, steps: int, energy_above_data: Tensor) -> None:
        """Keep drawn chains after `steps` more SGLD steps; `energy_above_data` (n,) is how many nats they lie above the images."""
        near = len(slots) - self.explorer_count(len(slots))
        far = energy_above_data > self._hinge
        self.buffer.store(slots[:near], x[:near], steps, far[:near])
        if self.explorers is not None and near < len(slots):
            away = slots[near:] - len(self.buffer)
            self.explorers.store(away, x[near:], steps, far[near:])
            self._promote(self.explorers, away[energy_above_data[near:] < self._config.promote])

    def draw_fixed(self, count: int) -> list[DrawnChains]:
        """Draw like `draw`, in tensors of fixed shapes: chains of the buffer and, if there are any, explorers."""
        away = self.explorer_count(count)
        near = [self.buffer.draw_fixed(count - away)]
        return [*near, self.explorers.draw_fixed(away)] if self.explorers is not None and away else near

    def store_fixed(
        self, drawn: list[DrawnChains], x: Tensor, steps: int, energy_above_data: Tensor, keep: Tensor
    ) -> None:
        """Store chains from `draw_fixed` like `store`; nothing if the scalar `keep` is false."""
        split = [len(part.slots) for part in drawn]
        heights = torch.split(energy_above_data, split)
        states = zip(drawn, torch.split(x, split), heights, strict=True)
        moved = [part.after(state, steps, height > self._hinge) for part, state, height in states]
        self.buffer.put(moved[0], keep.expand(split[0]))
        if self.explorers is not None and len(moved) > 1:
            grown = (heights[1] < self._config.promote) & keep
            self.buffer.adopt_fixed(moved[1], grown)
            self.explorers.put(self.explorers.restarted(moved[1], grown), keep.expand(split[1]))

    def restart(self, slots: Tensor) -> None:
        """Restart the chains in `slots` (n,)."""
        self.buffer.restart(slots[slots < len(self.buffer)])
        if self.explorers is not None:
            self.explorers.restart(slots[slots >= len(self.buffer)] - len(self.buffer))

    def restart_all(self) -> None:
        """Restart every chain of the buffer, and every explorer, from uniform noise."""
        self.buffer.restart_all()
        if self.explorers is not None:
            self.explorers.restart_all()

    def state_dict(self) -> dict[str, Any]:
        """Return all chains and the order of draws."""
        apart = {} if self.explorers is None else {"explorers": self.explorers.state_dict()}
        return {"buffer": self.buffer.state_dict(), **apart}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore all chains from a state returned by `state_dict`."""
        self.buffer.load_state_dict(state["buffer"])
        if self.explorers is not None:
            self.explorers.load_state_dict(state["explorers"])

    def _promote(self, explorers: ReplayBuffer, grown: Tensor) -> None:
        if len(grown):
            self.buffer.adopt(explorers, grown)
            explorers.restart(grown)
