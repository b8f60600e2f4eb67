"""An estimate of the memory of a run, made before the run allocates any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

import torch

from jem_tui.config.rank_sizes import plain_in_batch
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.jem.learner.schedule import steps_of_run
from jem_tui.jem.learner.shares import share_of
from jem_tui.jem.model.network_size import FLOAT, network_size
from jem_tui.jem.model.networks import Shape
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.jem.sampling.initial_distribution import gaussian_bytes
from jem_tui.machine_memory import available_memory, in_words

LARGE = 2 * 10**9
"""Bytes above which the memory of a run causes a warning."""
WHILE_SAVING = 2
"""Copies of the state while a checkpoint is written: of the tensors, and of the file."""
SIDES = (256, 224, 192, 160, 128, 96, 64, 48, 32, 28)
"""Image sizes that error messages suggest, in pixels of a side."""


@dataclass(frozen=True, kw_only=True)
class MemoryNeed:
    """Bytes that a run needs, by purpose."""

    images: int
    """Images of all splits, in three copies: as read, in the order of training, and in the layout of the network."""
    starts: int
    """Gaussians of all classes, for starts of chains."""
    state: int
    """Content of a checkpoint: chains, weights, their average and the optimizer."""
    snapshots: int
    """Snapshots of the state for rollbacks."""
    working: int
    """Largest temporary need: to compute a step, or to write a checkpoint."""

    @property
    def total(self) -> int:
        """The sum of all parts."""
        return self.images + self.starts + self.state + self.snapshots + self.working


@dataclass(frozen=True, kw_only=True)
class RunSize:
    """Figures that, with the settings, determine the memory of a run."""

    images: int
    """Number of images in all splits."""
    training: Sequence[int]
    """Number of training images in each class."""
    shape: Shape
    read: int = 0
    """Number of images in memory before the run starts, counting copies."""
    ranks: Ranks = ALONE
    """The ranks that share the chains and the rows of a batch, each with all images."""


def estimate_memory(config: RunConfig, size: RunSize) -> MemoryNeed:
    """Estimate the memory of one rank on the CPU. Raises InputError if the images are too small for the network."""
    kept = snapshots_kept(config, sum(size.training)) if config.stability.on_divergence == "rollback" else 0
    config = share_of(config, size.ranks)
    network = network_size(config.network, size.shape, len(size.training))
    pixels = prod(size.shape)
    chains = (config.buffer.size + config.buffer.explorers) * pixels * FLOAT
    copies_of_weights = 3 + bool(config.optimizer.ema)
    state = chains + copies_of_weights * network.weights
    return MemoryNeed(
        images=copy_of_images(size) * (2 if size.shape[0] == 1 else 3),
        starts=gaussian_bytes(size.training, pixels),
        state=state,
        snapshots=kept * state,
        working=max(WHILE_SAVING * state, rows_in_a_step(config) * network.activations),
    )


def snapshots_kept(config: RunConfig, training: int) -> int:
    """Return the largest number of snapshots in memory at once."""
    steps = steps_of_run(config.train, training // config.train.batch_size)
    return 1 if steps <= config.stability.snapshot_every else 2


def rows_in_a_step(config: RunConfig) -> int:
    """Return the largest number of images and samples in one forward pass."""
    harder = config.objective.adversarial_share if config.objective.adversarial else 0
    return round(config.train.batch_size * (1 + harder + config.buffer.batch_share)) + plain_in_batch(config)


def refuse_too_large(config: RunConfig, size: RunSize, device: torch.device) -> MemoryNeed:
    """Return the estimated memory of a run. Raises InputError, with settings that need less, if it is not free."""
    need, room = estimate_memory(config, size), free_memory(device, size)
    if least_memory(need, size, device) > room:
        raise InputError(
            f"{subject(size)} needs about {in_words(need.total)} of memory{largest_part(config, size, need)}, "
            f"but {in_words(room)} are free.",
            " ".join(remedies(config, size, room)),
        )
    return need


def subject(size: RunSize) -> str:
    """Return the subject of a sentence about an estimate."""
    return "The run" if size.ranks.size == 1 else f"Each of {size.ranks.size} ranks"


def least_memory(need: MemoryNeed, size: RunSize, device: torch.device) -> int:
    """Return the bytes without which a run cannot start.

    A GPU assembles no files, its activations may be half as large, and it holds the images once.
    """
    if device.type == "cpu":
        return need.total
    return need.total - need.working + need.state - need.images + copy_of_images(size)


def free_memory(device: torch.device, size: RunSize) -> int:
    """Return the bytes that a rank can use on its device: free memory, and the memory that its images occupy already.

    The ranks of a machine share its main memory, and each has a GPU of its own.
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return available_memory() // size.ranks.local_size + size.read * prod(size.shape)


def copy_of_images(size: RunSize) -> int:
    """Return the bytes of one copy of all images."""
    return size.images * prod(size.shape)


def warn_of_large_run(config: RunConfig, size: RunSize, need: MemoryNeed) -> Iterator[str]:
    """Yield a warning if a run takes much memory."""
    if need.total > LARGE:
        lower = " or ".join(setting for setting in ("-s buffer.size", *data_size(config)) if setting)
        yield f"{subject(size).lower()} takes about {in_words(need.total)} of memory{largest_part(config, size, need)}; {lower} lowers that"


def largest_part(config: RunConfig, size: RunSize, need: MemoryNeed) -> str:
    """Return the largest part of the memory in brackets, for a message."""
    if need.images > need.total / 2:
        return f" ({in_words(need.images)} for {size.images:,} images)"
    _, height, width = size.shape
    chains = size.ranks.share(config.buffer.size + config.buffer.explorers)
    copied = need.state + need.snapshots + need.working
    return f" ({in_words(copied)} for {chains:,} chains of {width}×{height} pixels, the weights, and copies of both)"


def data_size(config: RunConfig) -> list[str]:
    """Return the setting for the size of images, if it has an effect on this data set."""
    return ["-s data.size"] if Path(config.data.name).name != config.data.name else []


def remedies(config: RunConfig, size: RunSize, room: int) -> Iterator[str]:
    """Yield a sentence with settings whose run fits into `room` bytes."""
    side = next((side for side in SIDES if side < max(size.shape[1:]) and fits(config, at_side(size, side), room)), 0)
    smaller = next((each for each in halved(config, size.ranks) if fits(each, size, room)), None)
    tries = [f"-s data.size={side}"] if side and data_size(config) else []
    if smaller is not None:
        tries.append(f"-s buffer.size={smaller.buffer.size} -s buffer.explorers={smaller.buffer.explorers}")
    yield f"Try {', or '.join(tries)}." if tries else "Try fewer or smaller images, or a machine with more memory."


def at_side(size: RunSize, side: int) -> RunSize:
    """Return the size of a run on images scaled to a square."""
    return replace(size, shape=(size.shape[0], side, side))


def halved(config: RunConfig, ranks: Ranks = ALONE) -> Iterator[RunConfig]:
    """Yield the settings with half the chains, a quarter, and so on, as long as the chains fill a batch and the ranks can share them."""
    buffer = config.buffer
    while buffer.size // 2 >= max(16, config.train.batch_size):
        size, explorers = (ranks.share(count // 2) * ranks.size for count in (buffer.size, buffer.explorers))
        buffer = replace(buffer, size=size, explorers=explorers)
        yield replace(config, buffer=buffer)


def fits(config: RunConfig, size: RunSize, room: int) -> bool:
    """Return whether a run fits into `room` bytes."""
    try:
        return estimate_memory(config, size).total <= room
    except InputError:
        return False
