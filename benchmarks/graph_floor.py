"""The arithmetic of a training step as one CUDA graph, without what a run needs around it: the floor of a step on a GPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.networks import energy

WARM_UP = 3


@dataclass(frozen=True, kw_only=True)
class Floor:
    """A batch of images, chains of a buffer that take K steps, adversarial images, one backward pass, Adam."""

    learner: Learner
    optimizer: torch.optim.Optimizer

    @classmethod
    def of(cls, learner: Learner) -> Floor:
        """Return the floor of a learner, with an optimizer of its own on the learner's weights."""
        graph = learner.buffer.x.is_cuda
        adam = torch.optim.Adam(learner.network.parameters(), lr=1e-4, betas=(0.0, 0.999), fused=True, capturable=graph)
        return cls(learner=learner, optimizer=adam)

    def step(self) -> None:
        """Take one optimizer step."""
        learner, training = self.learner, self.learner.compute.training
        config, buffer, count = learner.config, learner.buffer.x, learner.config.train.batch_size
        x, labels = self.images(count)
        slots = torch.randint(len(buffer), (count,), device=buffer.device)
        chains = buffer[slots]
        for _ in range(learner.sgld_steps(0)):
            gradient = self.gradient(lambda y: energy(learner.compute.sampling(y)).sum(), chains)
            chains = (chains - config.sgld.step_size * gradient.clamp(-1, 1) + 0.005 * torch.randn_like(chains)).clamp(
                -1, 1
            )
        rows, harder = (
            [x, chains],
            round(config.objective.adversarial_share * count) if config.objective.adversarial else 0,
        )
        if harder:
            some = labels[:harder]
            gradient = self.gradient(lambda y: F.cross_entropy(learner.compute.sampling(y), some), x[:harder])
            rows.append((x[:harder] + 0.1 * gradient.sign()).clamp(-1, 1))
        self.optimizer.zero_grad(set_to_none=True)
        logits = training(torch.cat(rows))
        energies = energy(logits)
        loss = F.cross_entropy(logits[:count], labels) + energies[:count].mean() - energies[count : 2 * count].mean()
        if harder:
            loss = loss + F.cross_entropy(logits[2 * count :], labels[:harder])
        torch.autograd.backward(loss)
        self.optimizer.step()
        buffer.index_copy_(0, slots, chains)

    def images(self, count: int) -> tuple[Tensor, Tensor]:
        """Return random training images with noise, and their labels."""
        batches = self.learner.batches
        rows = torch.randint(len(batches.labels), (count,), device=batches.labels.device)
        x = as_input(batches.pixels[rows])
        return x + 0.03 * torch.randn_like(x), batches.labels[rows]

    def gradient(self, function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        """Return the gradient of a scalar with respect to `x`, in the shape of `x`."""
        y = x.detach().requires_grad_(True)
        (found,) = torch.autograd.grad(function(y), y)
        return found

    def replay(self) -> Callable[[], None]:
        """Return a call that takes one step: a graph on CUDA, else the function itself."""
        if not self.learner.buffer.x.is_cuda:
            return self.step
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                self.step()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step()
        return graph.replay
