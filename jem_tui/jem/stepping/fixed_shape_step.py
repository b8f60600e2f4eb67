"""One optimizer step over tensors of fixed shapes. It never waits for the device, so that a GPU can replay it as one graph.

It computes the step of `learner` with two differences: starts of chains are drawn for a whole batch and selected where they
are needed, and values that must never reach the weights (see `Watchdog.judge_step`) are detected on the device.
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
from jem_tui.jem.learner.optimizer import update_average_on_device
from jem_tui.jem.learner.step_batch import TrainBatch
from jem_tui.jem.sampling.replay_buffer import DrawnChains
from jem_tui.jem.sampling.sgld import SgldScalars
from jem_tui.jem.stability.watchdog import ENERGIES, LOSS_LIMIT

MOST_AHEAD = 256
"""Largest number of steps that the device takes before the host reads their values."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Tensors at fixed addresses on the device: inputs that the host sets before some steps, and outputs of the steps."""

    order: Tensor
    """Rows of the training images in the order of the epoch, shape (images,)."""
    position: Tensor
    """Position in `order` at which the next batch begins, shape (1,)."""
    rates: Tensor
    """Learning rate of each coming step, shape (MOST_AHEAD,)."""
    rate: Tensor
    """The optimizer's learning rate, a scalar."""
    sgld: SgldScalars
    """The settings of SGLD that can change from step to step."""
    row: Tensor
    """Number of the next step, counted from 0, shape (1,)."""
    halted: Tensor
    """A scalar: 1 from the first step whose values must not reach the weights; from then on no step changes anything."""
    numbers: Tensor
    """Loss and metrics of each step, shape (MOST_AHEAD, 1 + metrics), with room for all metrics that a step can have."""
    slots: Tensor
    """Slots of the batch's chains in each step, shape (MOST_AHEAD, chains)."""
    side: torch.cuda.Stream | None
    """A second stream on CUDA for work that is independent of the chains."""

    @classmethod
    def on(cls, device: torch.device, images: int, chains: int, metrics: int) -> Feed:
        """Create a feed of zeros for an order of `images` and steps of `chains` that have at most `metrics` metrics."""
        number, index = partial(torch.zeros, device=device), partial(torch.zeros, dtype=torch.int64, device=device)
        return cls(
            order=index(images),
            position=index(1),
            rates=number(MOST_AHEAD),
            rate=number(()),
            sgld=SgldScalars.on(device),
            row=index(1),
            halted=number(()),
            numbers=number((MOST_AHEAD, 1 + metrics)),
            slots=index((MOST_AHEAD, chains)),
            side=torch.cuda.Stream() if device.type == "cuda" else None,  # type: ignore[no-untyped-call]
        )


def take_step(learner: Learner, feed: Feed, steps: int) -> list[str]:
    """Take one optimizer step with K = `steps` from the inputs in `feed`; return the names of the metrics in `feed.numbers`."""
    with on_stream(feed.side):
        batch = next_images(learner, feed)
        adversarial_images = learner.adversarial(batch)
    drawn = learner.chain_pool.draw_fixed(learner.chains_per_step) if steps else []
    x_hat = moved(learner, feed, drawn, steps) if drawn else None
    wait_for(feed.side)
    terms, named = learner.differentiate(batch, x_hat, adversarial_images)
    numbers = torch.stack([terms.loss.detach(), *named.values()])
    torch.maximum(feed.halted, unusable(numbers, named, learner.config.stability.energy_limit), out=feed.halted)
    keep = feed.halted == 0
    with on_stream(feed.side):
        if x_hat is not None:
            learner.chain_pool.store_fixed(drawn, x_hat, steps, terms.energy_above_data, keep)
            slots = [drawn[0].slots, *(part.slots + len(learner.buffer) for part in drawn[1:])]
            feed.slots.index_copy_(0, feed.row, torch.cat(slots)[None])
        feed.numbers[:, : len(numbers)].index_copy_(0, feed.row, numbers[None])
    learner.optimizer.found_inf = feed.halted
    learner.optimizer.step()
    if learner.average is not None:
        update_average_on_device(learner.average, learner.network, learner.config.optimizer.ema, keep)
    wait_for(feed.side)
    feed.row.add_(1)
    return list(named)


def moved(learner: Learner, feed: Feed, drawn: list[DrawnChains], steps: int) -> Tensor:
    """Return the states of the chains, shape (batch, channels, height, width), after `steps` SGLD steps."""
    x_hat = torch.cat([part.x for part in drawn])
    classes = torch.cat([part.label for part in drawn]) if learner.config.sgld.conditional else None
    for k in range(1, steps + 1):
        x_hat = learner.descend(x_hat, classes, feed.sgld, observed=k == steps)
    return x_hat


@contextmanager
def on_stream(stream: torch.cuda.Stream | None) -> Iterator[None]:
    """Run the body on a stream after all earlier work, in parallel with what follows until `wait_for`."""
    if stream is None:
        yield
        return
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        yield


def wait_for(stream: torch.cuda.Stream | None) -> None:
    """Let the following work begin only after all work on `stream`."""
    if stream is not None:
        torch.cuda.current_stream().wait_stream(stream)


def next_images(learner: Learner, feed: Feed) -> TrainBatch:
    """Return the next batch of the order, augmented, and set its learning rate."""
    batches = learner.batches
    rows = feed.order[feed.position + batches.first + torch.arange(batches.share, device=feed.order.device)]
    feed.position.add_(learner.config.train.batch_size)
    feed.rate.copy_(feed.rates.index_select(0, feed.row).squeeze(0))
    return learner.augment(as_input(batches.pixels[rows]), batches.labels[rows])


def unusable(numbers: Tensor, named: Mapping[str, Tensor], energy_limit: float) -> Tensor:
    """Return 1.0 if a value in `numbers` (n,), with the loss first, is not finite or beyond the watchdog's limits, else 0.0."""
    broken = ~numbers.isfinite().all() | (numbers[0].abs() > LOSS_LIMIT)
    for name in ENERGIES:
        if energy_limit and name in named:
            broken = broken | (named[name].abs() > energy_limit)
    return broken.float()
