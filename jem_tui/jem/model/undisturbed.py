"""Passes through networks that leave no trace in a run: diagnostics, and what a viewer requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from jem_tui.jem.data.seeded_code import restored_random_states


@contextmanager
def undisturbed(*networks: nn.Module) -> Iterator[None]:
    """Run networks in the body, and restore their buffers and the global random states afterwards.

    A spectral norm changes its buffers in every pass, other layers replace theirs, and a dropout draws from a global generator. The
    buffers stay the same tensors, because a CUDA graph reads their addresses.
    """
    tables = [module._buffers for network in networks for module in network.modules()]
    entries = [dict(table) for table in tables]
    values = [(buffer, buffer.clone()) for network in networks for buffer in network.buffers()]
    weights = [weight for network in networks for weight in network.parameters()]
    devices = {weight.device.index or 0 for weight in weights if weight.device.type == "cuda"}
    try:
        with restored_random_states(sorted(devices)):
            yield
    finally:
        for table, entry in zip(tables, entries, strict=True):
            table.clear()
            table.update(entry)
        with torch.no_grad():
            for buffer, value in values:
                buffer.copy_(value)
