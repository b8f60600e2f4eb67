"""Fresh chains of a trained model: Langevin dynamics from the initial distribution, without the replay buffer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.jem.data.image_set import as_pixels
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy
from jem_tui.jem.sampling.initial_distribution import InitialDistribution
from jem_tui.jem.sampling.sampler import sampling_task, states
from jem_tui.jem.sampling.sgld import Energy, NetworkEnergy, sgld_step
from jem_tui.jem.saved_run.load_run import OpenedRun

CHUNK = 500
"""Chains that are moved at once, so that memory stays bounded."""
GROUP = 10_000
"""Chains that are in memory at once."""

Start = Literal["initial", "informative", "uniform"]
"""Start of chains: the initial distribution of the run's settings, the class Gaussians, or uniform noise."""

OnStep = Callable[[int, Tensor], None]
"""Receives the number of steps and the states (count, channels, height, width), which it must not change."""


@dataclass(frozen=True, kw_only=True)
class GeneratedChains:
    """Fresh chains as images, and the model's judgement of these chains."""

    tiles: NDArray[np.uint8]
    """Shape (n, height, width, channels)."""
    frames: list[NDArray[np.uint8]]
    """The chains at the requested earlier steps."""
    energy: float
    """Mean E(x̂), in nats."""
    confidence: float
    """Mean max_y p(y|x̂)."""
    counts: tuple[int, ...]
    """Chains predicted to be of each class."""


def draw_chains(
    run: OpenedRun,
    count: int,
    steps: int,
    seed: int,
    label: int | None,
    start: Start,
    frames: Collection[int],
    report: Callable[[int], None],
) -> GeneratedChains:
    """Draw fresh chains from a seed, as images at the steps in `frames` and at the end, in groups of at most `GROUP`.

    The frames are those of the first group. `report` receives the number of every step; of several groups, their mean.
    """
    kept: list[NDArray[np.uint8]] = []
    groups = group_sizes(count)

    def keep_frame(group: int, k: int, x: Tensor) -> None:
        if k in frames and not group:
            kept.append(as_tiles(x))
        report((group * steps + k) // len(groups))

    generator = torch.Generator(run.device).manual_seed(seed)
    tiles, parts = [], []
    for number, size in enumerate(groups):
        x = fresh_chains(run, size, steps, generator, label, start, partial(keep_frame, number))
        tiles.append(as_tiles(x))
        parts.append(logits_in_chunks(run.network, x))
    logits = torch.cat(parts)
    confidence, predicted = logits.softmax(1).max(1)
    return GeneratedChains(
        tiles=np.concatenate(tiles),
        frames=kept,
        energy=float(energy(logits).mean()),
        confidence=float(confidence.mean()),
        counts=tuple(predicted.bincount(minlength=logits.shape[1]).tolist()),
    )


def group_sizes(count: int) -> list[int]:
    """Return the numbers of chains of each group of `count` chains."""
    whole, rest = divmod(count, GROUP)
    return [GROUP] * whole + ([rest] if rest else [])


def as_tiles(x: Tensor) -> NDArray[np.uint8]:
    """Convert images (n, channels, height, width) around [−1, 1] to uint8 (n, height, width, channels)."""
    pixels: NDArray[np.uint8] = as_pixels(x).permute(0, 2, 3, 1).cpu().numpy()
    return pixels


def fresh_chains(
    run: OpenedRun,
    count: int,
    steps: int,
    generator: torch.Generator,
    label: int | Tensor | None = None,
    start: Start = "initial",
    on_step: OnStep | None = None,
) -> Tensor:
    """Return `count` chains after `steps` steps of the run's sampler, shape (count, channels, height, width).

    Chains follow p(x), down E(x) = −logsumexp_y f(x)[y]; with `label`, one class or one for each chain (count,), p(x|y), down
    E(x, y) = −f(x)[y] (arXiv 1912.03263, eqs. 3–5) with the guidance of the settings, and informative starts come from that class.
    `generator` must live on the run's device. `on_step` receives the start, too, as step 0.
    """
    observe = on_step or _ignore
    classes = class_of_each(label, count, generator.device)
    x = starts(run.initial, count, generator, classes, start)
    observe(0, x)
    chunks = [
        moved_chains(
            run, None if classes is None else classes[first : first + CHUNK], x[first : first + CHUNK], steps, generator
        )
        for first in range(0, count, CHUNK)
    ]
    for k in range(1, steps + 1):
        x = torch.cat([next(chunk) for chunk in chunks])
        observe(k, x)
    return x


def moved_chains(
    run: OpenedRun, classes: Tensor | None, x: Tensor, steps: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """Yield chains (n, channels, height, width) after each of `steps` steps from `x`, down E(x), or down E(x, y) of their `classes` (n,)."""
    energy_of = _energy(run, classes)
    if run.sampler is not None:
        yield from states(run.sampler, sampling_task(x, energy_of, steps, run.config.sgld, generator))
        return
    for _ in range(steps):
        x = sgld_step(energy_of, x, run.config.sgld, generator)
        yield x


def starts(
    initial: InitialDistribution, count: int, generator: torch.Generator, label: int | Tensor | None, start: Start
) -> Tensor:
    """Draw the first states of `count` chains, shape (count, channels, height, width)."""
    if start == "uniform":
        return initial.uniform(count, generator)
    draw = initial.draw if start == "initial" else initial.informative
    return draw(count, generator, class_of_each(label, count, generator.device))


def _energy(run: OpenedRun, classes: Tensor | None) -> Energy:
    """Return the energy that chains descend: E(x), or E(x, y) of the `classes` y (n,) of the chains, guided as configured."""
    if classes is None:
        return NetworkEnergy(run.network)
    return NetworkEnergy(run.network, classes, run.config.sgld.guidance)


def class_of_each(label: int | Tensor | None, count: int, device: torch.device) -> Tensor | None:
    """Return the classes (count,) of chains, from one class for all or from given ones; None for chains of p(x)."""
    return torch.full((count,), label, device=device) if isinstance(label, int) else label


def _ignore(step: int, x: Tensor) -> None:
    """Discard the states of the chains."""
