"""Inference without gradients: logits in bounded memory, on one rank or shared by all, and the spread of predicted classes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.ranks.ranks import Ranks

CHUNK = 250


def logits_in_chunks(network: nn.Module, x: Tensor) -> Tensor:
    """Return logits (n, classes) of images that are uint8 or in [−1, 1], computed in chunks so that memory stays bounded."""
    return torch.cat(list(_chunks(network, x)))


def _chunks(network: nn.Module, x: Tensor) -> Iterator[Tensor]:
    for start in range(0, len(x), CHUNK):
        chunk = x[start : start + CHUNK]
        with torch.no_grad():
            logits: Tensor = network(as_input(chunk) if chunk.dtype == torch.uint8 else chunk)
        yield logits


def shared_logits(network: nn.Module, x: Tensor, ranks: Ranks) -> Tensor:
    """Return the logits (n, classes) of images that all ranks have, like `logits_in_chunks`; rank r computes rows r, r + W, …"""
    if ranks.alone:
        return logits_in_chunks(network, x)
    own = x[ranks.rank :: ranks.size]
    # All ranks must compute equally many rows: those with one row less compute the first row again.
    padded = own if len(own) * ranks.size >= len(x) else torch.cat([own, x[:1]])
    rows = ranks.gather(logits_in_chunks(network, padded))
    return rows.transpose(0, 1).flatten(0, 1)[: len(x)]


def class_entropy(predicted: Tensor, classes: int) -> float:
    """Return the entropy of predicted classes (n,) divided by its maximum log(classes), in [0, 1]; 1 for a single class."""
    shares = torch.bincount(predicted, minlength=classes).double() / len(predicted)
    return float(torch.special.entr(shares).sum()) / math.log(classes) if classes > 1 else 1.0
