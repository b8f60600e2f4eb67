"""A training step as metrics of the user get it: copies of everything that the step has computed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from jem_tui.jem.learner.step_batch import StepTensors

if TYPE_CHECKING:
    from jem_tui.jem.learner.learner import Learner


class TrainingStep:
    """The argument of a metric: one optimizer step after its gradients and before its update.

    Each access to a tensor makes a new copy without a graph on the device of the run, so a metric should read only what it needs, and cannot
    change the run. Images have shape (n, channels, height, width) around [−1, 1], chains (m, channels, height, width); m is 0 in
    a step without chains. Energies are in nats.
    """

    def __init__(
        self, step: int, learner: Learner, tensors: StepTensors, loss: float, metrics: Mapping[str, float]
    ) -> None:
        self.step = step
        """Number of the step, counted from 0."""
        self.epoch = step // learner.batches.steps_per_epoch
        """Epochs completed before the step."""
        self.device = tensors.numbers.device
        """The device of the tensors."""
        self.loss = loss
        """The value that was differentiated."""
        self.metrics: Mapping[str, float] = dict(metrics)
        """The metrics of the program by tag, such as `JEM/xe`."""
        self._learner = learner
        self._tensors = tensors
        self._terms = tensors.terms

    @property
    def images(self) -> Tensor:
        """The images of JEM/xe, augmented, shape (n, channels, height, width)."""
        return copied(self._tensors.batch.augmented)

    @property
    def labels(self) -> Tensor:
        """The classes of the images, shape (n,), int64."""
        return copied(self._tensors.batch.labels)

    @property
    def logits(self) -> Tensor:
        """f(x) of the images, shape (n, classes)."""
        return copied(self._terms.logits)

    @property
    def energies(self) -> Tensor:
        """E(x) of the images as in JEM/nrg, that is, not shifted, mirrored or erased, shape (n,).

        If a batch has fewer chains than images or `data.plain_share` is below 1, and augmentation moves or erases pixels, only the first
        images have an energy.
        """
        return copied(self._terms.energy_data)

    @property
    def starts(self) -> Tensor:
        """The chains before the K steps of the sampler, shape (m, channels, height, width)."""
        drawn = self._tensors.drawn
        return copied(self._no_chains() if drawn is None else drawn.chains.x)

    @property
    def chains(self) -> Tensor:
        """The chains after the K steps of the sampler, explorers last, shape (m, channels, height, width)."""
        x_hat = self._tensors.x_hat
        return copied(self._no_chains() if x_hat is None else x_hat)

    @property
    def chain_logits(self) -> Tensor:
        """f(x̂) of the chains, explorers last, shape (m, classes)."""
        return copied(self._terms.chain_logits)

    @property
    def chain_energies(self) -> Tensor:
        """E(x̂) of the chains, explorers last, shape (m,)."""
        return copied(torch.cat([self._terms.energy_samples, self._terms.energy_explorers]))

    @property
    def explorers(self) -> int:
        """The number of chains, at the end of the batch, that are explorers."""
        return len(self._terms.energy_explorers)

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weights before the update by name."""
        return {name: copied(weight) for name, weight in self._learner.network.named_parameters()}

    @property
    def gradients(self) -> dict[str, Tensor]:
        """The gradient of the loss with respect to each weight by name, in the shape of the weight."""
        weights = self._learner.network.named_parameters()
        return {name: copied(weight.grad) for name, weight in weights if weight.grad is not None}

    def network(self) -> nn.Module:
        """Return a copy of the network before the update, in eval mode, from images (n, …) to logits (n, classes).

        The copy takes the memory of all weights and about the time of a small step: call this method only every few hundred steps.
        """
        return copy.deepcopy(self._learner.network).eval()

    def _no_chains(self) -> Tensor:
        return self._tensors.batch.augmented[:0]


def copied(tensor: Tensor) -> Tensor:
    """Return a copy of a tensor without its graph."""
    return tensor.detach().clone()
