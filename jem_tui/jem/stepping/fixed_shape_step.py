"""One training step over tensors of fixed shapes: nothing in it waits for the device, so that a GPU can replay it as one graph.

It is the step of `learner`, but for two things: starts of chains are drawn for a whole batch and taken where they are
needed, and the numbers that must never reach the weights (see `Watchdog.judge_step`) are judged on the device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.optimizer import follow_on_device
from jem_tui.jem.sampling.replay_buffer import DrawnChains
from jem_tui.jem.stability.watchdog import ENERGIES, LOSS_LIMIT

MOST_AHEAD = 256
"""Steps that the device can take before the host reads their numbers."""
MOST_NUMBERS = 16
"""The loss and the metrics of a step, with room for more."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Tensors that stay where they are on the device: what the host sets before some steps, and what the steps leave for the host."""

    order: Tensor
    """The rows of the training images in the order of the epoch, shape (images,)."""
    position: Tensor
    """Where in `order` the next batch begins, shape (1,)."""
    rates: Tensor
    """The learning rate of each coming step, shape (MOST_AHEAD,)."""
    rate: Tensor
    """The optimizer's rate, a scalar."""
    step_size: Tensor
    """The step size of SGLD, a scalar."""
    row: Tensor
    """Which step is next, counted from 0, shape (1,)."""
    halted: Tensor
    """A scalar: 1 from a step on whose numbers must not reach the weights, and then no step changes anything."""
    numbers: Tensor
    """The loss and the metrics of each step, shape (MOST_AHEAD, MOST_NUMBERS)."""
    slots: Tensor
    """The slots of the batch's chains in each step, shape (MOST_AHEAD, batch)."""
    side: torch.cuda.Stream | None
    """A second stream on CUDA for work that the chains need not wait for, and that need not wait for the chains."""

    @classmethod
    def on(cls, device: torch.device, images: int, batch: int) -> Feed:
        """Return a feed of zeros."""
        number, index = partial(torch.zeros, device=device), partial(torch.zeros, dtype=torch.int64, device=device)
        return cls(
            order=index(images),
            position=index(1),
            rates=number(MOST_AHEAD),
            rate=number(()),
            step_size=number(()),
            row=index(1),
            halted=number(()),
            numbers=number((MOST_AHEAD, MOST_NUMBERS)),
            slots=index((MOST_AHEAD, batch)),
            side=torch.cuda.Stream() if device.type == "cuda" else None,  # type: ignore[no-untyped-call]
        )


def take_step(learner: Learner, feed: Feed, steps: int) -> list[str]:
    """Take one optimizer step with K = `steps`, as `feed` has it; return the names of the metrics in a row of `feed.numbers`."""
    with alongside(feed.side):
        x, labels = next_images(learner, feed)
        harder = learner.adversarial(x, labels)
    drawn = learner.chain_pool.draw_fixed(learner.config.train.batch_size) if steps else []
    x_hat = moved(learner, feed, drawn, steps) if drawn else x[:0]
    rejoin(feed.side)
    terms, named = learner.differentiate((x, labels), x_hat, harder)
    numbers = torch.stack([terms.loss.detach(), *named.values()])
    torch.maximum(feed.halted, unusable(numbers, named, learner.config.stability.energy_limit), out=feed.halted)
    keep = feed.halted == 0
    with alongside(feed.side):
        if drawn:
            learner.chain_pool.store_fixed(drawn, x_hat, steps, terms.energy_above_data, keep)
            slots = [drawn[0].slots, *(part.slots + len(learner.buffer) for part in drawn[1:])]
            feed.slots.index_copy_(0, feed.row, torch.cat(slots)[None])
        feed.numbers[:, : len(numbers)].index_copy_(0, feed.row, numbers[None])
    learner.optimizer.found_inf = feed.halted
    learner.optimizer.step()
    if learner.average is not None:
        follow_on_device(learner.average, learner.network, learner.config.optimizer.ema, keep)
    rejoin(feed.side)
    feed.row.add_(1)
    return list(named)


def moved(learner: Learner, feed: Feed, drawn: list[DrawnChains], steps: int) -> Tensor:
    """Return the chains, shape (batch, channels, height, width), after `steps` SGLD steps."""
    x_hat = torch.cat([part.x for part in drawn])
    classes = torch.cat([part.label for part in drawn]) if learner.config.sgld.conditional else None
    for k in range(1, steps + 1):
        x_hat = learner.descend(x_hat, classes, feed.step_size, observed=k == steps)
    return x_hat


@contextmanager
def alongside(stream: torch.cuda.Stream | None) -> Iterator[None]:
    """Let what is inside begin after all that came before, and run in parallel with what follows, until `rejoin`."""
    if stream is None:
        yield
        return
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        yield


def rejoin(stream: torch.cuda.Stream | None) -> None:
    """Let what follows begin after all that runs on `stream`."""
    if stream is not None:
        torch.cuda.current_stream().wait_stream(stream)


def next_images(learner: Learner, feed: Feed) -> tuple[Tensor, Tensor]:
    """Return the next batch of the order, augmented, and its learning rate."""
    batches, count = learner.batches, learner.config.train.batch_size
    rows = feed.order[feed.position + torch.arange(count, device=feed.order.device)]
    feed.position.add_(count)
    feed.rate.copy_(feed.rates.index_select(0, feed.row).squeeze(0))
    return learner.augmented(as_input(batches.pixels[rows]), batches.labels[rows])


def unusable(numbers: Tensor, named: Mapping[str, Tensor], energy_limit: float) -> Tensor:
    """Return 1.0 if the loss, first in `numbers` (n,), or a metric is not finite or beyond the watchdog's limits, else 0.0."""
    broken = ~numbers.isfinite().all() | (numbers[0].abs() > LOSS_LIMIT)
    for name in ENERGIES:
        if energy_limit and name in named:
            broken = broken | (named[name].abs() > energy_limit)
    return broken.float()
