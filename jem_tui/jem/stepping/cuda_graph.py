"""Optimizer steps as CUDA graphs: captured once for each K, then replayed with one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stepping.feed import Feed
from jem_tui.jem.stepping.optimizer_step import take_step

WARM_UP = 3
"""Steps before a capture, in which libraries choose their kernels and the optimizer creates its tensors."""


@dataclass(frozen=True, kw_only=True)
class CapturedStep:
    """One optimizer step as a CUDA graph."""

    graph: torch.cuda.CUDAGraph
    names: list[str]
    """Names of the metrics."""
    moments: list[Tensor]
    """The optimizer's tensors whose addresses the graph holds."""

    def replay(self) -> list[str]:
        """Take the step again and return the names of its metrics."""
        self.graph.replay()
        return self.names


class StepGraphs:
    """The captured steps of a learner whose tensors keep their addresses, except those of the optimizer."""

    def __init__(self, learner: Learner, feed: Feed) -> None:
        self._learner = learner
        self._feed = feed
        self._captured: dict[int, CapturedStep] = {}
        self._pool = torch.cuda.graph_pool_handle()
        # Capturing uses a stream of its own, about which torch would print a warning across the screen.
        silence = getattr(torch.autograd.graph, "set_warn_on_accumulate_grad_stream_mismatch", None)
        if silence is not None:
            silence(False)

    def of(self, steps: int) -> Callable[[], list[str]]:
        """Return a call that takes one step with K = `steps`, captured again if the optimizer's tensors have moved since."""
        found = self._captured.get(steps)
        if found is None or not same(found.moments, self._moments()):
            found = self._captured[steps] = self._capture(steps)
        return found.replay

    def _capture(self, steps: int) -> CapturedStep:
        """Warm up and capture a step with the feed halted, so that only the feed's counters change, which are restored."""
        learner, feed = self._learner, self._feed
        generators, before = self._generators(), learner.generators.state_dict()
        counters = [(tensor, tensor.clone()) for tensor in (feed.halted, feed.row, feed.position)]
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            warm_up(learner, feed, steps)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        for generator in generators:
            graph.register_generator_state(generator)
        # The thread with which NCCL observes earlier exchanges must not end the capture.
        mode = "global" if learner.ranks.alone else "thread_local"
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode=mode):
            names = take_step(learner, feed, steps)
        learner.generators.load_state_dict(before)
        for tensor, value in counters:
            tensor.copy_(value)
        return CapturedStep(graph=graph, names=names, moments=self._moments())

    def _generators(self) -> list[torch.Generator]:
        """Return the generators on the device."""
        streams = self._learner.generators
        return [streams.augmentation, streams.chains, streams.noise]

    def _moments(self) -> list[Tensor]:
        return [state["exp_avg"] for state in self._learner.optimizer.state.values()]


def warm_up(learner: Learner, feed: Feed, steps: int) -> None:
    """Take steps that change only the feed's counters and the random streams.

    Every step takes the first batch of the order, because there may be no batch after the one that is due. What a network of the
    user changes in its buffers is undone, and so is the choice of chains.
    """
    changed = [*learner.network.buffers(), *learner.chain_pool.counters]
    buffers = [(tensor, tensor.clone()) for tensor in changed]
    for scalar in (feed.halted, feed.held):
        scalar.fill_(1)
    for _ in range(WARM_UP):
        feed.row.zero_()
        feed.position.zero_()
        take_step(learner, feed, steps)
    feed.held.zero_()
    for buffer, value in buffers:
        buffer.copy_(value)


def same(these: list[Tensor], those: list[Tensor]) -> bool:
    """Return whether both lists hold identical tensor objects."""
    return len(these) == len(those) and all(one is other for one, other in zip(these, those, strict=True))
