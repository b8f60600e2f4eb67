"""Pieces of tensors, with which a kernel over many tensors uses more of a GPU.

torch gives each block of threads up to 65,536 numbers of one tensor, so that a small network occupies a few of a hundred
multiprocessors. A kernel over views of shorter pieces takes a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

BLOCK = 65_536
"""Numbers for one block of threads."""
SHORTEST = 4_096
"""Smallest length of a piece, for which a block of threads still has enough to do."""
MOST = 24
"""Pieces of equal length that all tensors together are cut into; one kernel takes at least 30 tensors."""


def piece_length(tensors: Sequence[Tensor]) -> int:
    """Return the length of the pieces that tensors are cut into; 0 to leave them whole, as on CPUs and where they occupy a GPU."""
    total = sum(tensor.numel() for tensor in tensors)
    if not tensors or not tensors[0].is_cuda or total > MOST * BLOCK:
        return 0
    return max(SHORTEST, -(-total // MOST))


def pieces_of(length: int, *tensors: Tensor) -> list[tuple[Tensor, ...]]:
    """Split tensors of one shape, which a kernel combines element by element, into flat views of at most `length` numbers.

    They stay whole if `length` is 0, or if they cannot be read alike as flat memory.
    """
    first = tensors[0]
    dense = first.is_contiguous() or (first.ndim == 4 and first.permute(0, 2, 3, 1).is_contiguous())
    if not length or not dense or any(tensor.stride() != first.stride() for tensor in tensors):
        return [tensors]
    flat = [tensor.detach().as_strided((tensor.numel(),), (1,)) for tensor in tensors]
    return list(zip(*(torch.split(tensor, length) for tensor in flat), strict=True))
