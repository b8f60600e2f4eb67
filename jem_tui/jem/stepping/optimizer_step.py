"""One optimizer step as a function of tensors of fixed shapes: eager on a CPU, recorded as a CUDA graph on a GPU.

The step has two halves, between which the watchdog judges. `measure` computes loss, gradients and metrics without changing weights or
chains; `finish` makes the update unless the feed is halted. On a CPU, the watchdog reads the metrics before `finish`. On a GPU,
`take_step` does not wait for the host and detects values that must never reach the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager

import torch
from torch import Tensor

from jem_tui.events.run import Sampling
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.optimizer import update_average
from jem_tui.jem.learner.step_batch import StepTensors, TrainBatch
from jem_tui.jem.learner.step_metrics import mean_metrics, named_metrics
from jem_tui.jem.sampling.chains import DrawnChains
from jem_tui.jem.stepping.feed import Feed

Progress = Callable[[int, int], Iterator[Sampling]]
"""Called with k and K between two steps of the sampler, yields the events that are due inside a long step."""


def take_step(learner: Learner, feed: Feed, steps: int) -> list[str]:
    """Take one step with K = `steps` without waiting for the device; return the names of the metrics in `feed.numbers`."""
    tensors = completed(measure(learner, feed, steps, silent))
    halt_if_unusable(learner, feed, tensors)
    with on_stream(feed.side):
        if tensors.drawn is not None:
            feed.slots.index_copy_(0, feed.row, tensors.drawn.slots[None])
        feed.numbers[:, : len(tensors.numbers)].index_copy_(0, feed.row, tensors.numbers[None])
        feed.row.add_(1)
    finish(learner, feed, tensors)
    return list(tensors.named)


def measure(learner: Learner, feed: Feed, steps: int, progress: Progress) -> Generator[Sampling, None, StepTensors]:
    """Compute loss, gradients and metrics of a step with K = `steps`, and yield the events that are due in between."""
    with on_stream(feed.side):
        batch = next_images(learner, feed)
        adversarial_images = learner.adversarial(batch)
    drawn = learner.chain_pool.draw(learner.chains_per_step) if steps else None
    x_hat = (yield from moved(learner, feed, drawn, steps, progress)) if drawn is not None else None
    wait_for(feed.side)
    terms = learner.loss_terms(batch, x_hat, adversarial_images, feed.energy_weight)
    with on_stream(feed.side):
        metrics = terms.metrics
        after = None
        if drawn is not None and x_hat is not None:
            after = learner.chain_pool.prepare(drawn, x_hat, steps, terms.energy_above_data)
    norm = learner.differentiate(terms)
    wait_for(feed.side)
    named = named_metrics(metrics, norm, {} if drawn is None else learner.sampler_metrics.named())
    terms, named = mean_metrics(learner.rank_row, terms, named)
    # The feed keeps the numbers, and would keep the graph of every step with them.
    numbers = torch.stack([terms.loss, *named.values()]).detach()
    return StepTensors(batch=batch, drawn=drawn, x_hat=x_hat, after=after, terms=terms, named=named, numbers=numbers)


def finish(learner: Learner, feed: Feed, tensors: StepTensors) -> None:
    """Store the chains and update weights and average, unless `feed.halted` is 1."""
    keep = feed.halted == 0
    with on_stream(feed.side):
        if tensors.after is not None:
            learner.chain_pool.store(tensors.after, keep)
        if tensors.drawn is not None and tensors.x_hat is not None and ignores_divergences(learner):
            learner.chain_pool.restart_broken(tensors.drawn, tensors.x_hat, keep)
    learner.optimizer.found_inf = feed.halted
    learner.optimizer.step()
    if learner.average is not None:
        update_average(learner.average, learner.network, learner.config.optimizer.ema, keep)
    wait_for(feed.side)


def next_images(learner: Learner, feed: Feed) -> TrainBatch:
    """Return the next batch of the order, augmented, and set its learning rate and the weight of its energy term."""
    x, labels = learner.batches.images_at(feed.order, feed.position)
    feed.position.add_(learner.config.train.batch_size)
    feed.advance()
    return learner.augment(x, labels)


def moved(
    learner: Learner, feed: Feed, drawn: DrawnChains, steps: int, progress: Progress
) -> Generator[Sampling, None, Tensor]:
    """Return the states of the chains, shape (m, channels, height, width), after `steps` steps of the sampler."""
    x_hat = drawn.chains.x
    classes = drawn.chains.label if learner.config.sgld.conditional else None
    with closing(learner.moves(x_hat, classes, steps, feed.sgld)) as states:
        for k, state in enumerate(states, start=1):
            x_hat = state
            if k < steps:
                yield from progress(k, steps)
    return x_hat


def halt_if_unusable(learner: Learner, feed: Feed, tensors: StepTensors) -> None:
    """Halt the feed if values of a step must not reach the weights: until the host reacts, or for one step in a run that ignores divergences."""
    ignored = ignores_divergences(learner)
    limits = feed.limits_of(tuple(tensors.named), 0 if ignored else learner.config.stability.energy_limit)
    # A comparison with NaN is false.
    usable = (tensors.numbers.abs() <= limits).all()
    if ignored:
        feed.halted.copy_(feed.held)
    feed.halted.masked_fill_(~usable, 1)


def ignores_divergences(learner: Learner) -> bool:
    """Return whether a run continues after a divergence and only skips updates from values that are not finite."""
    return learner.config.stability.on_divergence == "ignore"


def silent(k: int, of: int) -> Iterator[Sampling]:
    """Yield no event."""
    yield from ()


def completed(work: Generator[Sampling, None, StepTensors]) -> StepTensors:
    """Return the result of `measure` without the events in between."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            tensors: StepTensors = end.value
            return tensors


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
