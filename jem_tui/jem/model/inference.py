"""Inference: logits of any number of images in bounded memory, without a graph."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from jem_tui.jem.data.image_set import as_input

CHUNK = 250


def logits_in_chunks(network: nn.Module, x: Tensor) -> Tensor:
    """Compute logits (n, classes) of images that are uint8 or in [−1, 1], without a graph and in bounded memory."""
    return torch.cat(list(_chunks(network, x)))


def _chunks(network: nn.Module, x: Tensor) -> Iterator[Tensor]:
    for start in range(0, len(x), CHUNK):
        chunk = x[start : start + CHUNK]
        with torch.no_grad():
            logits: Tensor = network(as_input(chunk) if chunk.dtype == torch.uint8 else chunk)
        yield logits
