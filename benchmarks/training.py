"""A whole training step against its floor, and against two other ways to train a JEM: `python -m benchmarks.training [ROUNDS]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.interleaved import interleaved, ratios
from benchmarks.report import Row, at_least, at_most, markdown, plain
from benchmarks.subject import QUIET, batch_of, recorded, subject
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.optimizer import make_optimizer
from jem_tui.jem.model.networks import energy

STEPS = 10
"""Training steps of one timed call."""
PLAIN = ("objective.adversarial=0", "buffer.explorers=0", "buffer.noise_visits=0")
"""Settings that leave what every JEM has: images, chains of a buffer, cross-entropy and energies."""


def floor(learner: Learner) -> Callable[[], None]:
    """Return a call of the bare arithmetic of a step: K input gradients, those of adversarial images, one backward pass, Adam."""
    images = batch_of(learner)
    x = images.augmented if images.plain is None else torch.cat([images.augmented, images.plain])
    labels = images.labels
    count, harder = len(labels), round(learner.config.objective.adversarial_share * len(labels))
    harder = harder if learner.config.objective.adversarial else 0
    chains = learner.chain_pool.draw(count).chains.x
    network, sampling = learner.network, learner.compute.sampling
    optimizer = make_optimizer(network, learner.config.optimizer, x.device)
    rows = torch.cat([x, chains, x[:harder]])

    def run() -> None:
        for _ in range(STEPS):
            for batch in [chains] * learner.sgld_steps(0) + [x[:harder]] * bool(harder):
                y = batch.detach().requires_grad_(True)
                torch.autograd.grad(energy(sampling(y)).sum(), y)
            optimizer.zero_grad(set_to_none=True)
            logits = network(rows)
            energies = energy(logits)
            (F.cross_entropy(logits[:count], labels) + energies[:count].mean() - energies[count:].mean()).backward()
            optimizer.step()

    return run


class Reference:
    """The way of the paper's code: chains of a batch at once through the training network, a forward pass for each term."""

    def __init__(self, learner: Learner) -> None:
        self.learner = learner
        self.network = learner.network
        self.config = learner.config.sgld
        self.optimizer = make_optimizer(learner.network, learner.config.optimizer, learner.buffer.x.device)
        self.buffer = learner.buffer.x.clone()

    def step(self) -> None:
        """Take one optimizer step on one batch for p(x) and another for p(y|x)."""
        images, batch = batch_of(self.learner).augmented, batch_of(self.learner)
        slots = torch.randint(0, len(self.buffer), (len(batch.labels),))
        x_hat = self.sampled(self.buffer[slots])
        self.buffer[slots] = x_hat
        loss = self.energy_of(images).mean() - self.energy_of(x_hat).mean()
        loss = loss + F.cross_entropy(self.network(batch.augmented), batch.labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def energy_of(self, x: Tensor) -> Tensor:
        """Return E(x), shape (n,)."""
        found: Tensor = -self.network(x).logsumexp(1)
        return found

    def sampled(self, start: Tensor) -> Tensor:
        """Take K steps of the whole batch, keeping the graph of every step until the next."""
        x = torch.autograd.Variable(start, requires_grad=True)
        for _ in range(self.config.steps):
            (gradient,) = torch.autograd.grad(-self.energy_of(x).sum(), [x], retain_graph=True)
            x.data += self.config.step_size * gradient + self.config.noise_scale * torch.randn_like(x)
        return x.detach()


class Original(Reference):
    """The way of the original proof of concept: the images of a batch one by one, each with its own chain."""

    def sampled(self, start: Tensor) -> Tensor:
        """Take K steps of each chain separately."""
        return torch.cat([Reference.sampled(self, row) for row in start.split(1)])

    def energy_of(self, x: Tensor) -> Tensor:
        """Return E(x) image by image, shape (n,)."""
        return torch.cat([-self.network(row).logsumexp(1) for row in x.split(1)])


def rows_first(learner: Learner) -> Learner:
    """Convert the network's weights to torch's default memory format."""
    learner.network.to(memory_format=torch.contiguous_format)
    return learner


def steps_of(way: Reference, count: int) -> Callable[[], None]:
    """Return a call that trains `count` steps."""

    def run() -> None:
        for _ in range(count):
            way.step()

    return run


def rows(rounds: int) -> Iterator[Row]:
    """Measure the ratios of the training step."""
    trainer, other = subject(*QUIET), subject()
    times = interleaved({"step": recorded(trainer, STEPS), "floor": floor(other.learner)}, max(rounds, 5))
    yield at_most("training step, recorded, over its floor", ratios(times, "step", "floor"), 1.10)
    ours = {
        "float32": recorded(subject(*QUIET, *PLAIN), STEPS),
        "bfloat16": recorded(subject(*QUIET, *PLAIN, "train.precision=bfloat16"), STEPS),
    }
    others = {
        "reference": steps_of(Reference(subject(*PLAIN).learner), STEPS),
        "rows first": steps_of(Reference(rows_first(subject(*PLAIN).learner)), STEPS),
        "original": steps_of(Original(subject(*PLAIN).learner), STEPS),
    }
    times = interleaved({**ours, **others}, rounds)
    yield at_least("the original's way over ours", ratios(times, "original", "float32"), 10)
    yield at_least("the reference JEM's way over ours", ratios(times, "reference", "float32"), 1.3)
    yield plain("… with rows-first (NCHW) weights, as its code leaves them", ratios(times, "rows first", "float32"))
    yield plain("… over ours in bfloat16", ratios(times, "reference", "bfloat16"))
    words = (*PLAIN, "network.name=toy")
    pair = {
        "ours": recorded(subject(*QUIET, *words), STEPS),
        "original": steps_of(Original(subject(*words).learner), STEPS),
    }
    times = interleaved(pair, rounds)
    yield plain("… the original's way over ours, with its own network `toy`", ratios(times, "original", "ours"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    print("\n".join(markdown(rows(*map(int, sys.argv[1:] or ["5"])))))
