"""Inference on images that all ranks have, of which each computes a part."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.ranks.ranks import Ranks


def shared_logits(network: nn.Module, x: Tensor, ranks: Ranks) -> Tensor:
    """Return the logits (n, classes) of images like `logits_in_chunks`, equal on all ranks; rank r computes rows r, r + W, …"""
    if ranks.alone:
        return logits_in_chunks(network, x)
    own = x[ranks.rank :: ranks.size]
    # All ranks must compute equally many rows: those with one row less compute the first row again.
    padded = own if len(own) * ranks.size >= len(x) else torch.cat([own, x[:1]])
    rows = ranks.gather(logits_in_chunks(network, padded))
    return rows.transpose(0, 1).flatten(0, 1)[: len(x)]
