"""The random streams of a run, all derived from its seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

STREAMS = ("order", "augmentation", "chains", "noise")
"""The purposes of the streams, in the order in which they are seeded."""


@dataclass(frozen=True, kw_only=True)
class Generators:
    """One random stream for each purpose, so that no stream depends on how often another one is used."""

    order: torch.Generator
    augmentation: torch.Generator
    chains: torch.Generator
    noise: torch.Generator
    rank: int = 0
    """The rank whose streams these are; only the order of images is common to all ranks."""

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state of every stream."""
        return {name: getattr(self, name).get_state() for name in STREAMS}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Restore the streams from a state returned by `state_dict`; one that another number of ranks has saved has `order` alone."""
        for name in [*STREAMS] if len(state) > 1 else ["order"]:
            getattr(self, name).set_state(state[name].cpu())

    def seed_own(self, seed: int, rollbacks: int, step: int) -> None:
        """Seed this rank's own streams after the number of ranks has changed at optimizer step `step`; the order of images continues."""
        sequence = np.random.SeedSequence(seed, spawn_key=(rollbacks, self.rank, step))
        own = [name for name in STREAMS if name != "order"]
        for name, state in zip(own, sequence.generate_state(len(own), np.uint64) >> np.uint64(1), strict=True):
            getattr(self, name).manual_seed(int(state))

    def seed(self, seed: int, rollbacks: int = 0) -> None:
        """Start the streams of a seed; every rollback of a run selects new streams."""
        common = np.random.SeedSequence(seed, spawn_key=(rollbacks,) if rollbacks else ())
        own = np.random.SeedSequence(seed, spawn_key=(rollbacks, self.rank)) if self.rank else common
        for position, name in enumerate(STREAMS):
            sequence = common if name == "order" else own
            state = sequence.generate_state(len(STREAMS), np.uint64)[position] >> np.uint64(1)
            getattr(self, name).manual_seed(int(state))


def make_generators(seed: int, device: torch.device, rank: int = 0) -> Generators:
    """Create the streams of a rank from a seed: the order of images on the CPU, all streams that draw whole batches on `device`."""
    streams = [torch.Generator("cpu"), *(torch.Generator(device) for _ in range(3))]
    order, augmentation, chains, noise = streams
    generators = Generators(order=order, augmentation=augmentation, chains=chains, noise=noise, rank=rank)
    generators.seed(seed)
    return generators
