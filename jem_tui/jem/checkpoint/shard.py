"""Shards: the files of a checkpoint folder, one for each rank, with tensors in the safetensors format.

Names and metadata are those of `torch.distributed.checkpoint.HuggingFaceStorageWriter(save_distributed=True)`, so that
`HuggingFaceStorageReader` reads the folder on any number of ranks.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
from torch import Tensor

from jem_tui.jem.checkpoint.state_tree import Tensors
from jem_tui.jem.checkpoint.zip_digest import sha256
from jem_tui.regular_file import open_regular


def shard_name(rank: int) -> str:
    """Return the file name of a rank's shard; torch counts shards from 1."""
    return f"shard-{rank + 1:05d}-model-00001-of-00001.safetensors"


def own_name(rank: int, name: str) -> str:
    """Return the name in a shard of a tensor that belongs to one rank."""
    return f"rank_{rank}.{name}"


def tensors_of_rank(tensors: Tensors, rank: int) -> dict[str, Tensor]:
    """Return the tensors that a rank writes, by their names in its shard; rank 0 also writes the tensors that are equal on all ranks."""
    written = {name: tensor for name, (part, tensor) in tensors.items() if part == "chains"}
    written |= {own_name(rank, name): tensor for name, (part, tensor) in tensors.items() if part == "own"}
    if rank == 0:
        written |= {name: tensor for name, (part, tensor) in tensors.items() if part == "equal"}
    return written


def shard_content(tensors: Tensors, rank: int) -> bytes:
    """Return the bytes of a rank's shard. Raises ValueError for tensors of a type that the format lacks."""
    written = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors_of_rank(tensors, rank).items()}
    offsets = {name: {"saved_offsets": [0] * tensor.ndim} for name, tensor in written.items()}
    for name, (part, tensor) in tensors.items():
        if part == "chains":
            offsets[name]["saved_offsets"][0] = rank * len(tensor)
    about = {"DCP_SHARDING_INFO": json.dumps(offsets), "DCP_VERSION": "1.0", "format": "pt"}
    return safetensors.torch.save(unshared(written), about)


def unshared(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors of which no two share memory, as tied weights do, because the format refuses shared memory."""
    seen: set[int] = set()
    apart: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        memory = tensor.untyped_storage().data_ptr()
        apart[name] = tensor.clone() if memory in seen else tensor
        seen.add(memory)
    return apart


def read_shard(path: Path, digest: str) -> dict[str, Tensor]:
    """Return the tensors of a shard, on the CPU. Raises OSError, or ValueError if the digest differs."""
    with open_regular(path) as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError("the content does not have the recorded checksum")
    return safetensors.torch.load(content)


def check_shard(path: Path, digest: str) -> None:
    """Verify the digest of a shard. Raises OSError or ValueError."""
    with open_regular(path) as file:
        if sha256(file, os.fstat(file.fileno()).st_size).decode() != digest:
            raise ValueError("the content does not have the recorded checksum")
