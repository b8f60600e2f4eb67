"""The recorded states of one slot of the replay buffer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from jem_tui.events.chain_facts import ChainFilm
from jem_tui.events.run import Samples

MOST_FRAMES = 32
"""Maximum number of states in a film."""
COLUMNS = ("tiles", "energy", "age", "predicted", "confidence", "reseeds")
"""Fields of `Samples` with a row for each chain."""


def frame_places(count: int) -> list[int]:
    """Return the indices of at most `MOST_FRAMES` of `count` states: the first and the newest, and between them every 1st, 2nd, 4th, …

    A growing number of states keeps most of the indices.
    """
    stride = 1
    while -(-(count - 1) // stride) + 1 > MOST_FRAMES:
        stride *= 2
    return [*range(0, count - 1, stride), count - 1] if count else []


def state_of(samples: Samples, chain: int) -> Samples:
    """Return a copy of the event with the state of one chain alone."""
    return replace(samples, **{name: getattr(samples, name)[chain : chain + 1].copy() for name in COLUMNS})


def film_of(states: Sequence[Samples], chain: int) -> ChainFilm | None:
    """Return the film of a chain from events with one state each, in the order of steps; None without states of one size."""
    shape = states[-1].tiles.shape if states else ()
    alike = [each for each in states if each.tiles.shape == shape]
    if not alike or not len(alike[-1].tiles):
        return None
    joined: dict[str, Any] = {name: np.concatenate([getattr(each, name) for each in alike]) for name in COLUMNS}
    states_of_all = replace(alike[-1], **joined, requested=True)
    return ChainFilm(chain=chain, steps=tuple(each.step for each in alike), states=states_of_all)
