"""An SGLD step against its floor, a bare forward and input gradient: `python -m benchmarks.sgld [ROUNDS]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn

from benchmarks.interleaved import interleaved, ratios
from benchmarks.report import Row, at_most, markdown, plain
from benchmarks.subject import subject
from jem_tui.jem.learner.execution import make_compute, without_gradients
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.networks import make_network
from jem_tui.jem.sampling.sgld import SgldScalars

CHAIN = 20
"""SGLD steps of one timed call."""


def floor(network: Callable[[Tensor], Tensor], x: Tensor) -> Callable[[], None]:
    """Return a call that computes only −logsumexp of the logits and its gradient on one batch, `CHAIN` times."""

    def run() -> None:
        for _ in range(CHAIN):
            y = x.detach().requires_grad_(True)
            torch.autograd.grad(-network(y).logsumexp(1).sum(), y)

    return run


def chain(learner: Learner, x: Tensor) -> Callable[[], None]:
    """Return a call of the sampler as training calls it."""
    scalars = SgldScalars.on(x.device)
    scalars.fill(learner.sgld)

    def run() -> None:
        for _ in learner.moves(x, None, CHAIN, scalars):
            pass

    return run


def variants(learner: Learner, x: Tensor) -> dict[str, Callable[[], None]]:
    """Return floors of other implementations of the arithmetic."""
    config, shape = learner.config, tuple(x.shape)
    frozen = without_gradients(learner.network)

    def computed(**changes: object) -> Callable[[], None]:
        return floor(make_compute(learner.network, replace(config.train, **changes), shape).sampling, x)  # type: ignore[arg-type]

    images = (shape[1], shape[2], shape[3])
    with torch.random.fork_rng(devices=[]):
        rows_first = make_network(config.network, images, 10).to(memory_format=torch.contiguous_format)
        rectified = make_network(config.network, images, 10)
    for parent in (rectified, rectified[0]):  # type: ignore[index]
        for name, module in parent.named_children():
            if isinstance(module, nn.SiLU):
                setattr(parent, name, nn.ReLU())
    return {
        "weights that ask for gradients": floor(learner.network, x),
        "rows-first (NCHW) weights": floor(without_gradients(rows_first), x),
        "no space-to-depth stem": floor(without_gradients(unstemmed(learner)), x),
        "ReLU in place of SiLU": floor(without_gradients(rectified), x),
        "bfloat16": computed(precision="bfloat16"),
        "compiled": computed(compile=True),
        "compiled, bfloat16": computed(compile=True, precision="bfloat16"),
        "one chain at a time": floor_one_by_one(frozen, x),
    }


def unstemmed(learner: Learner) -> nn.Module:
    """Return the default network with a first convolution on the pixels, at a stride that keeps the shapes of later layers."""
    width = learner.config.network.width
    body, *head = learner.network.children()
    stem = nn.Conv2d(learner.buffer.x.shape[1], width, 3, stride=2, padding=1)
    return nn.Sequential(stem, *list(body.children())[2:], *head).to(memory_format=torch.channels_last)


def floor_one_by_one(network: Callable[[Tensor], Tensor], x: Tensor) -> Callable[[], None]:
    """Return a call that moves every chain of the batch separately."""

    def run() -> None:
        for _ in range(CHAIN):
            for row in x.split(1):
                y = row.detach().requires_grad_(True)
                torch.autograd.grad(-network(y).logsumexp(1).sum(), y)

    return run


def rows(rounds: int) -> Iterator[Row]:
    """Measure the sampler over its floor, and other implementations over that floor."""
    learner = subject().learner
    x = learner.chain_pool.draw(learner.chains_per_step).chains.x
    base = floor(learner.compute.sampling, x)
    times = interleaved({"floor": base, "sampler": chain(learner, x)}, max(rounds, 5))
    yield at_most("SGLD step over forward + input gradient", ratios(times, "sampler", "floor"), 1.10)
    times = interleaved({"floor": base, **variants(learner, x)}, rounds)
    yield from (plain(f"… {name}, over the floor", ratios(times, name, "floor")) for name in times if name != "floor")


if __name__ == "__main__":
    torch.set_num_threads(1)
    print("\n".join(markdown(rows(*map(int, sys.argv[1:] or ["5"])))))
