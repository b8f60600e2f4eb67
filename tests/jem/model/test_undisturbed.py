"""Passes of diagnostics and of requests leave buffers and random streams of a network unchanged."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from jem_tui.jem.model.undisturbed import undisturbed


class Restless(nn.Module):
    """A layer that changes everything that a pass can change."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("moved", torch.zeros(2))
        self.register_buffer("replaced", torch.zeros(2))
        self.register_buffer("absent", None)
        self.spectral = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2))
        self.dropout = nn.Dropout()

    def forward(self, x: Tensor) -> Tensor:
        self.moved += 1
        self.replaced = 0.9 * self.replaced + random.random()
        self.absent = torch.ones(1)
        self.register_buffer("added", torch.ones(1) * np.random.rand())
        return self.dropout(self.spectral(x))


def state_of(network: nn.Module) -> tuple[Any, ...]:
    buffers = {name: (id(buffer), buffer.tolist()) for name, buffer in network.named_buffers()}
    return buffers, torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist()


def test_a_pass_leaves_buffers_and_random_states_unchanged():
    network = Restless()
    before = state_of(network)
    with pytest.raises(SystemExit), undisturbed(network):
        network(torch.ones(3, 2))
        assert state_of(network)[0] != before[0]
        raise SystemExit
    with undisturbed(network, network):
        network(torch.ones(3, 2))
    assert state_of(network) == before
    assert network.absent is None and not hasattr(network, "added")
