"""Small chain pools for tests, and their semantics chain by chain in plain Python."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from jem_tui.config.schema import BufferConfig
from jem_tui.jem.data.image_set import as_pixels
from jem_tui.jem.sampling.chain_pool import ChainPool
from jem_tui.jem.sampling.chains import FIELDS, DrawnChains
from jem_tui.jem.sampling.initial_distribution import ClassGaussians, InitialDistribution

SHAPE = (1, 4, 4)
KEEP = torch.tensor(True)


def make_chain_pool(labels: int = 0, hinge: float = 10.0, fixed: bool = False, **settings: Any) -> ChainPool:
    """Return a pool whose informative starts are nearly gray; with `fixed`, it draws starts as on a GPU."""
    given: dict[str, Any] = {
        "size": 32,
        "explorers": 16,
        "explorer_share": 0.25,
        "reinit_prob": 0.0,
        "init": "informative",
    }
    config = BufferConfig(**(given | settings))
    noise = torch.Generator().manual_seed(0)
    gray = torch.full((40, *SHAPE), 0.5) + 0.01 * torch.rand(40, *SHAPE, generator=noise)
    gaussians = ClassGaussians(as_pixels(gray), torch.arange(40) % 2, 2)
    initial = InitialDistribution(config, gaussians, SHAPE, torch.device("cpu"), labels)
    initial.fixed = fixed
    return ChainPool(config, hinge, initial, noise)


def every_chain(pool: ChainPool) -> dict[str, Tensor]:
    """Return copies of all fields of all chains, those of the buffer first."""
    return {name: pool.values(name, torch.arange(pool._last)) for name in FIELDS}


def visit(pool: ChainPool, count: int, energy_above_data: float, steps: int = 1) -> DrawnChains:
    """Draw and store a batch without moving it."""
    drawn = pool.draw(count)
    pool.store(pool.prepare(drawn, drawn.chains.x, steps, torch.full((count,), energy_above_data)), KEEP)
    return drawn


def stored_one_by_one(
    before: dict[str, Tensor],
    drawn: DrawnChains,
    x: Tensor,
    steps: int,
    energy_above_data: list[float],
    near: int,
    hinge: float,
    promote: float,
) -> dict[str, Tensor]:
    """Return the fields after `ChainPool.store`, whose first `near` chains are of the buffer; promoted explorers keep their states, which the pool replaces by noise."""
    after = {name: values.clone() for name, values in before.items()}
    places = drawn.places.tolist()
    for i, height in enumerate(energy_above_data):
        far = height > hinge
        chain: dict[str, Any] = {
            "x": x[i],
            "label": int(drawn.chains.label[i]),
            "age": int(drawn.chains.age[i]) + steps,
            "reseeds": int(drawn.chains.reseeds[i]),
            "far_visits": int(drawn.chains.far_visits[i]) + 1 if far else 0,
        }
        write(after, places[i], chain)
        if i >= near and height < promote:
            home = places[len(x) + i - near]
            write(after, home, chain | {"reseeds": int(before["reseeds"][home]) + 1})
            write(after, places[i], chain | {"age": 0, "reseeds": chain["reseeds"] + 1, "far_visits": 0})
    return after


def write(fields: dict[str, Tensor], slot: int, chain: dict[str, Any]) -> None:
    """Write one chain into a slot."""
    for name, value in chain.items():
        fields[name][slot] = value
