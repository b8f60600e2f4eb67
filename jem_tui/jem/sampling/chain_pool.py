"""All chains of a run: the replay buffer, and explorers, which start from noise and enter the buffer once their energy is low."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from jem_tui.config.schema import BufferConfig
from jem_tui.jem.sampling.chains import FIELDS, Chains, DrawnChains, MovedChains, Rows, joined, replaced
from jem_tui.jem.sampling.initial_distribution import InitialDistribution
from jem_tui.jem.sampling.slots import SlotChooser


class ChainPool:
    """The replay buffer and the explorers, drawn and stored in common batches of fixed shapes.

    Samples must include noise far from the images, or log p(x) is not learned there; but chains that are still noise distort the
    replay buffer. Chains from noise are therefore kept apart as explorers. An explorer whose energy comes within `promote` nats
    of the images' mean energy replaces a chain of the buffer. Slots number the chains of the buffer first, then the explorers;
    the last slot takes what is not to be kept.
    """

    def __init__(
        self, config: BufferConfig, hinge: float, initial: InitialDistribution, generator: torch.Generator
    ) -> None:
        """Fill all chains; a chain counts as far beyond `hinge` nats above the images (0: never)."""
        self._config = config
        self._hinge = hinge or torch.inf
        self.initial = initial
        """The distribution from which chains start."""
        self._generator = generator
        size, explorers, device = config.size, config.explorers, initial.device
        self._chains = Chains.empty(size + explorers + 1, initial.shape, device)
        self._last = size + explorers
        self._units = torch.eye(len(FIELDS) - 1, dtype=torch.int64, device=device)
        self._fixed = initial.fixed
        self.buffer = self._chains[:size]
        """The replay buffer: the chains that count as samples."""
        self.explorers = self._chains[size : self._last] if explorers else None
        self._slots = SlotChooser(
            policy=config.policy, size=size, explorers=explorers, generator=generator, device=device
        )
        self._fill()

    @property
    def counters(self) -> list[Tensor]:
        """The tensors that drawing chains changes."""
        return [self._slots.order, self._slots.position]

    def explorer_count(self, count: int) -> int:
        """Return the number of explorers in a batch of `count` chains."""
        share = self._config.explorer_share if self.explorers is not None else 0.0
        return min(round(count * share), self._config.explorers)

    def draw(self, count: int) -> DrawnChains:
        """Draw `count` chains, of which some restart, without changing any that is stored.

        A chain restarts with probability `reinit_prob`, and also, near the data, after it was beyond the hinge in too many consecutive batches.
        """
        config, away = self._config, self.explorer_count(count)
        slots, places = self._slots.choose(count - away, away)
        chains = self._chains[slots]
        chance = torch.rand(count, generator=self._generator, device=slots.device)
        fresh = chance < config.reinit_prob
        noisy = chance < config.reinit_prob * self.initial.uniform_share
        noisy = torch.cat([noisy[: count - away], fresh[count - away :]]) if away else noisy
        begins = fresh | (chains.far_visits >= config.noise_visits) if config.noise_visits else fresh
        restarted = self._restarted(chains, begins, noisy, fresh, self._fixed)
        return DrawnChains(chains=restarted, slots=slots, places=places)

    def prepare(self, drawn: DrawnChains, x: Tensor, steps: int, energy_above_data: Tensor) -> MovedChains:
        """Return drawn chains at `x` after `steps` more SGLD steps ready to be stored, without changing any that is stored.

        `energy_above_data` (m,) is how many nats they lie above the images. Explorers that are near enough enter the buffer and
        start again from noise.
        """
        facts = drawn.chains.facts + torch.add(self._units[3], self._units[1], alpha=steps)
        facts[:, 3].mul_(energy_above_data > self._hinge)
        moved, chosen = Chains(x=x, facts=facts), torch.ones_like(drawn.slots, dtype=torch.bool)
        near = len(x) - self.explorer_count(len(x))
        if near < len(x):
            grown = energy_above_data[near:] < self._config.promote
            moved = joined([moved[:near], *self._promoted(moved[near:], grown, drawn.places[len(x) :])])
            chosen = torch.cat([chosen, grown])
        return MovedChains(chains=moved, places=drawn.places, chosen=chosen)

    def store(self, moved: MovedChains, keep: Tensor) -> None:
        """Store the chains of a step; do nothing if the scalar `keep` is false."""
        self._put(moved.places, moved.chains, moved.chosen & keep)

    def restart_broken(self, drawn: DrawnChains, x: Tensor, keep: Tensor) -> None:
        """Restart drawn chains whose states `x` are not finite; do nothing if the scalar `keep` is true."""
        broken = ~(x.flatten(1).isfinite().all(1) | keep)
        self._put(drawn.slots, self._from_start(drawn.slots, broken, self._fixed), broken)

    def restart(self, slots: Tensor) -> None:
        """Restart the chains in `slots` (n,), explorers from noise."""
        everyone = torch.ones_like(slots, dtype=torch.bool)
        self._chains.put(slots, self._from_start(slots, everyone, fixed=False))

    def copies(self, slots: Tensor) -> Chains:
        """Return copies of the chains in `slots` (n,) in main memory, for `put_back`."""
        copied = self._chains[slots]
        return Chains(x=copied.x.cpu(), facts=copied.facts.cpu())

    def put_back(self, slots: Tensor, chains: Chains) -> None:
        """Replace the chains in `slots` (n,) by copies from earlier."""
        device = slots.device
        self._chains.put(slots, Chains(x=chains.x.to(device), facts=chains.facts.to(device)))

    def restart_all(self) -> None:
        """Restart every chain of the buffer, and every explorer, from uniform noise."""
        every = self._chains[: self._last]
        every.x.uniform_(-1, 1, generator=self._generator)
        every.age.zero_()
        every.reseeds.add_(1)
        every.far_visits.zero_()

    def first(self, count: int) -> Tensor:
        """Return the first `count` slots of the replay buffer, or all if there are fewer; explorers are not included."""
        return torch.arange(min(count, len(self.buffer)), device=self.buffer.x.device)

    def values(self, name: str, slots: Tensor) -> Tensor:
        """Return a copy (n, …) of a field in `chains.FIELDS` for the chains in `slots` (n,)."""
        values: Tensor = getattr(self._chains, name)[slots]
        return values

    def state_dict(self) -> dict[str, Any]:
        """Return all chains and the order of draws."""
        state: dict[str, Any] = {"buffer": self.buffer.state_dict() | self._slots.state_dict()}
        if self.explorers is not None:
            state["explorers"] = self.explorers.state_dict() | {"order": self._slots.order[:0].clone(), "position": 0}
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore all chains from a state returned by `state_dict`."""
        self.buffer.load_state_dict(state["buffer"])
        self._slots.load_state_dict(state["buffer"])
        if self.explorers is not None:
            self.explorers.load_state_dict(state["explorers"])

    def _fill(self) -> None:
        labels = self.initial.labels(self._last, self._generator)
        self._chains.label[: self._last] = labels if labels is not None else 0
        own = None if labels is None else labels[: len(self.buffer)]
        self.buffer.x.copy_(self.initial.draw(len(self.buffer), self._generator, own))
        self._chains.x[len(self.buffer) :].uniform_(-1, 1, generator=self._generator)

    def _from_start(self, slots: Tensor, begins: Tensor, fixed: bool) -> Chains:
        """Return copies of the chains in `slots` (n,), restarted from the initial distribution where `begins` (n,) is true."""
        chance = torch.rand(len(slots), generator=self._generator, device=slots.device)
        noisy = (chance < self.initial.uniform_share) | (slots >= len(self.buffer))
        return self._restarted(self._chains[slots], begins, noisy, begins, fixed)

    def _restarted(self, chains: Chains, begins: Tensor, noisy: Tensor, fresh: Tensor, fixed: bool) -> Chains:
        """Return chains with new starts where `begins` (n,); `noisy` and `fresh` are those of `InitialDistribution.starts`."""
        labels = self.initial.labels(len(chains), self._generator)

        def starts(rows: Rows) -> Tensor:
            classes = None if labels is None else labels[rows]
            return self.initial.starts(noisy[rows], fresh[rows], classes, self._generator, fixed)

        facts = torch.where(begins[:, None], self._begun(chains.facts, labels), chains.facts)
        return Chains(x=replaced(chains.x, begins, starts, fixed), facts=facts)

    def _promoted(self, explorers: Chains, grown: Tensor, homes: Tensor) -> tuple[Chains, Chains]:
        """Return explorers, restarted from noise where they have `grown` (n,), and as they enter the buffer in `homes` (n,)."""
        noise = self.initial.uniform(len(grown), self._generator)
        again = self._begun(explorers.facts, self.initial.labels(len(grown), self._generator))
        left = Chains(
            x=torch.where(grown.view(-1, 1, 1, 1), noise, explorers.x),
            facts=torch.where(grown[:, None], again, explorers.facts),
        )
        facts = explorers.facts.clone()
        torch.add(self._chains.reseeds[homes], 1, out=facts[:, 2])
        return left, Chains(x=explorers.x, facts=facts)

    def _begun(self, facts: Tensor, labels: Tensor | None) -> Tensor:
        """Return the facts (n, 4) of chains after a restart, with classes `labels` (n,)."""
        again = torch.addcmul(self._units[2], facts, self._units[2])
        if labels is not None:
            again[:, 0] = labels
        return again

    def _put(self, slots: Tensor, chains: Chains, chosen: Tensor) -> None:
        """Write chains into `slots` (n,) where `chosen` (n,); the last slot takes all others."""
        self._chains.put(slots.masked_fill(~chosen, self._last), chains)
