"""Training loops of other libraries for joint energy-based models, on the network and the images of a learner of this program.

ebmkit trains with its JEM loss, buffer, sampler, trainer and weight average. torchebm has no loss for classifiers: its persistent contrastive
divergence is added to a cross-entropy, in the loop that its documentation shows. Needs `pip install ebmkit torchebm`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.quality.roles import Role
from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.optimizer import make_optimizer
from jem_tui.jem.model.networks import energy


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A training loop of another library."""

    train: Callable[[], object]
    """Takes one optimizer step."""
    network: Callable[[], nn.Module]
    """Returns the classifier that a user of the library would evaluate."""
    chains: Callable[[], Tensor]
    """Returns the replay buffer (n, channels, height, width)."""


def peer_of(role: Role, learner: Learner) -> Peer:
    """Return the training loop of a role's library. Its random numbers are those of torch's global generator, seeded here."""
    torch.manual_seed(learner.config.train.seed)
    return {"ebmkit": ebmkit, "torchebm": torchebm}[role.library](learner)


def ebmkit(learner: Learner) -> Peer:
    """Return the trainer of ebmkit with its JEM loss; class-conditional chains if the settings say so, starts from uniform noise."""
    from ebm.buffer import ReplayBuffer
    from ebm.jem import ClassifierEnergy, JEMLoss
    from ebm.losses.cd import ContrastiveDivergence
    from ebm.samplers.langevin import LangevinDynamics
    from ebm.training import Trainer

    config, x = learner.config, as_input(learner.batches.pixels)
    sgld = config.sgld
    sampler = LangevinDynamics(sgld.step_size, sgld.steps, sgld.noise_scale, sgld.grad_clamp, (-1, 1))
    buffer = ReplayBuffer(config.buffer.size, tuple(x.shape[1:]), config.buffer.reinit_prob, uniform)
    divergence = ContrastiveDivergence(sampler, buffer, config.objective.energy_l2)
    trainer = Trainer(
        ClassifierEnergy(learner.network),
        JEMLoss(divergence, conditional_negatives=sgld.conditional),
        make_optimizer(learner.network, config.optimizer, x.device),
        device=x.device,
        ema_decay=config.optimizer.ema,
    )
    data = (x, learner.batches.labels)
    return Peer(
        train=lambda: trainer.fit(data, steps=1, batch_size=config.train.batch_size, verbose=False),
        network=lambda: trainer.ema.module.net,
        chains=lambda: buffer.data,
    )


def uniform(shape: tuple[int, ...]) -> Tensor:
    """Return uniform noise in [−1, 1]."""
    return torch.rand(shape) * 2 - 1


def torchebm(learner: Learner) -> Peer:
    """Return a loop with the sampler and persistent contrastive divergence of torchebm, whose chains start from its own noise."""
    from torchebm.core import BaseModel
    from torchebm.losses import ContrastiveDivergence
    from torchebm.samplers import LangevinDynamics

    class Energy(BaseModel):
        """E(x) of a classifier, shape (n,)."""

        def __init__(self, network: nn.Module, device: torch.device) -> None:
            super().__init__(device=device)
            self.network = network

        def forward(self, x: Tensor) -> Tensor:
            return energy(self.network(x))

    config, network, labels = learner.config, learner.network, learner.batches.labels
    sgld, x = config.sgld, as_input(learner.batches.pixels)
    model = Energy(network, x.device)
    sampler = LangevinDynamics(model, sgld.step_size, sgld.noise_scale, clamp=(-1, 1), device=x.device)
    contrast = ContrastiveDivergence(
        model, sampler, sgld.steps, persistent=True, buffer_size=config.buffer.size, init_steps=0, device=x.device
    )
    optimizer = make_optimizer(network, config.optimizer, x.device)

    def step() -> None:
        rows = torch.randint(len(x), (config.train.batch_size,), device=x.device)
        loss = F.cross_entropy(network(x[rows]), labels[rows]) + contrast(x[rows])[0]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return Peer(train=step, network=lambda: network, chains=lambda: contrast.replay_buffer)
