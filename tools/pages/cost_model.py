"""Cost of an optimizer step on many GPUs, on paper: measured steps of one GPU, and the time of its collectives from bandwidth and latency.

Nothing here was measured on more than one GPU. Delays that the model leaves out: unequal ranks, other traffic on the network, reading
of data, and the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

NODE = 8
"""GPUs of a node."""
NVLINK = 450e9
"""Bytes per second and direction between the GPUs of a node."""
CARD = 50e9
"""Bytes per second and direction of a network card of 400 Gb/s."""
REACHED = 0.8
"""Share of a link's bandwidth that a collective reaches."""
LAUNCH = 2.2e-6
"""Seconds of the smallest kernel in a CUDA graph: 1.30 ms for the 592 kernels of a step of `fast`, which are too small to fill the GPU."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A network and its step on one H100."""

    name: str
    parameters: int
    steps: int
    """SGLD steps of a batch, K."""
    batch: int
    """Images of the measured step."""
    seconds: float
    """Measured seconds of a step of `batch` images."""
    fixed: float
    """Seconds of a step that do not depend on the number of images."""

    def compute(self, images: float) -> float:
        """Return the seconds of a step of `images` images on one GPU: the fixed part plus a part in proportion to them."""
        return self.fixed + (self.seconds - self.fixed) * images / self.batch


FAST = Workload(
    name="`fast`",
    parameters=189_098,
    steps=5,
    batch=64,
    seconds=1.70e-3,
    fixed=1.70e-3 - 64 * (4.67e-3 - 1.70e-3) / (1024 - 64),
)
"""The fixed part is that of the line through the measured steps of 64 and 1,024 images."""
WRN_16_4 = Workload(name="WRN-16-4", parameters=2_747_530, steps=10, batch=256, seconds=36.3e-3, fixed=2101 * LAUNCH)
WRN_28_10 = Workload(
    name="WRN-28-10", parameters=36_471_338, steps=10, batch=128, seconds=118.5e-3, fixed=3210 * LAUNCH
)
"""The fixed part of both wide networks is the time of that many smallest kernels, an assumption."""
WORKLOADS = (FAST, WRN_16_4, WRN_28_10)


def all_reduce(size: float, ranks: int, cards: int = 1) -> float:
    """Return the seconds of an all-reduce of `size` bytes; `cards` is the number of network cards of a node.

    Each rank sends and receives 2(W − 1)/W times the size through the slowest link of the ring. The latency is that of a tree, from
    the table by which NCCL chooses an algorithm (`src/graph/tuning.cc`, protocol LL128).
    """
    if ranks == 1:
        return 0.0
    nodes = max(1, ranks // NODE)
    link = NVLINK if nodes == 1 else min(NVLINK, CARD * cards)
    latency = 14e-6 + 2 * ((min(ranks, NODE) - 1) * 1.25e-6 + log2(nodes) * 8.5e-6)
    return latency + 2 * (ranks - 1) / ranks * size / (REACHED * link)


def all_gather_of_a_row(ranks: int) -> float:
    """Return the seconds in which every rank has a row of numbers of every other: the latency of a ring (as in `all_reduce`, protocol LL)."""
    if ranks == 1:
        return 0.0
    nodes = max(1, ranks // NODE)
    return 6.6e-6 + (ranks - nodes) * 0.6e-6 + (nodes - 1) * 2.7e-6


ROWS = 2
"""Small all-gathers of a step: the mean E(x) before the backward pass, and loss and metrics after it."""


def communication(parameters: int, ranks: int, cards: int = 1) -> float:
    """Return the seconds of all collectives of a step: one flat all-reduce of the gradients in single precision, and the rows."""
    return all_reduce(4 * parameters, ranks, cards) + ROWS * all_gather_of_a_row(ranks)


def step(work: Workload, batch: int, ranks: int, cards: int = 1) -> float:
    """Return the seconds of a step of `batch` images in all; nothing of the communication is hidden behind arithmetic."""
    return work.compute(batch / ranks) + communication(work.parameters, ranks, cards)


def weak_efficiency(work: Workload, ranks: int, cards: int = 1) -> float:
    """Return the share of its time that a GPU computes where each has the images of the measured step."""
    return work.seconds / step(work, work.batch * ranks, ranks, cards)


def speedup(work: Workload, batch: int, ranks: int, cards: int = 1) -> float:
    """Return how many times as fast as one GPU `ranks` GPUs are with the same batch in all."""
    return work.compute(batch) / step(work, batch, ranks, cards)


def largest(work: Workload, batch: int, share: float = 0.5) -> int:
    """Return the largest power of two of GPUs that gives at least `share` of a linear speedup with `batch` images in all."""
    counts = [1 << n for n in range(int(log2(batch)) + 1)]
    return max(ranks for ranks in counts if speedup(work, batch, ranks) >= share * ranks)


REPLICATED = 4 + 4 + 4 + 8 + 4 + 2 * (4 + 8 + 4)
"""Bytes on each rank for one parameter: weight, gradient, flat copy for the all-reduce, two moments of Adam, average, two snapshots of weight, moments and average."""


def sharded(parameters: int, steps: int, ranks: int, cards: int = 1) -> float:
    """Return the seconds of communication of a step with sharded weights (FSDP2), in single precision, with the weights freed after each use.

    Weights are gathered for the forward and the backward pass of each of K = `steps` SGLD steps and of the loss; gradients are
    scattered once.
    """
    gathered = 2 * (steps + 1)
    return (gathered + 1) * all_reduce(4 * parameters, ranks, cards) / 2
