"""Process groups of the ranks of a run, which torchrun or another launcher describes in environment variables."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist

from jem_tui.errors import InputError
from jem_tui.jem.ranks.ranks import ALONE, Ranks

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store

LONGEST_PAUSE = timedelta(days=365)
"""Timeout of the control group, on which ranks wait for the user's commands."""
COLLECTIVES = "JEM_TUI_COLLECTIVES"
"""Environment variable for tests: with the value 1, `join_ranks` creates a group of one process, which performs all collectives."""


def has_group() -> bool:
    """Return whether this process already belongs to a process group, as a worker of Ray does."""
    return dist.is_available() and dist.is_initialized()


def expected_ranks(environment: Mapping[str, str] = os.environ) -> int:
    """Return the number of ranks that the launcher has started, 1 without a launcher."""
    if has_group():
        return dist.get_world_size()
    try:
        return int(environment.get("WORLD_SIZE", "1"))
    except ValueError:
        raise InputError(
            f"WORLD_SIZE is {environment['WORLD_SIZE']!r}, which is not a number of ranks.",
            "Start the ranks with torchrun or with jem-tui train --ranks N.",
        ) from None


def device_of_rank(device: torch.device, environment: Mapping[str, str] = os.environ) -> torch.device:
    """Return the device of this rank: on CUDA, the GPU whose number is the rank's number on its machine.

    Raises InputError where the machine has fewer GPUs than ranks.
    """
    if device.type != "cuda" or expected_ranks(environment) == 1:
        return device
    if dist.is_initialized():
        return torch.device("cuda", torch.cuda.current_device())
    number, present = int(environment.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if number >= present:
        raise InputError(
            f"Rank {number} of this machine has no GPU: torch finds {present}.",
            f"Start at most {present} ranks on this machine, or train on CPUs with -s train.device=cpu.",
        )
    return torch.device("cuda", number)


def join_ranks(device: torch.device, environment: Mapping[str, str] = os.environ, store: Store | None = None) -> Ranks:
    """Join the ranks of this run, whose tensors are on `device`, and wait until all ranks have joined.

    An existing group, as in a worker of Ray, is used. Without a launcher, `ALONE` is returned. The ranks exchange their addresses
    in `store`, by default that of the launcher. Raises InputError for a device without collective operations.
    """
    forced = environment.get(COLLECTIVES) == "1"
    if expected_ranks(environment) == 1 and not forced:
        return ALONE
    if device.type not in ("cuda", "cpu"):
        raise InputError(f"Several ranks cannot train on {device.type}.", "Train on CPUs with -s train.device=cpu.")
    if device.index is not None:
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        begin_group(device, environment, store)
    control = dist.new_group(backend="gloo", timeout=LONGEST_PAUSE)
    assert not isinstance(control, int)
    ranks = Ranks(rank=dist.get_rank(), size=dist.get_world_size(), group=dist.group.WORLD, control=control)
    hosts = ranks.texts(socket.gethostname())
    here = hosts[ranks.rank]
    return replace(ranks, local_rank=hosts[: ranks.rank].count(here), local_size=hosts.count(here))


def begin_group(device: torch.device, environment: Mapping[str, str], store: Store | None = None) -> None:
    """Create the group of all ranks; for one rank without a launcher, with a store in memory."""
    if device.type == "cuda":
        backend, gpu = "nccl", torch.device("cuda", torch.cuda.current_device())
    else:
        backend, gpu = "gloo", None
    if store is not None:
        rank, size = int(environment["RANK"]), int(environment["WORLD_SIZE"])
        dist.init_process_group(backend, device_id=gpu, store=store, rank=rank, world_size=size)
    elif "WORLD_SIZE" in environment:
        dist.init_process_group(backend, device_id=gpu)
    else:
        from torch._C._distributed_c10d import HashStore

        dist.init_process_group(backend, device_id=gpu, store=HashStore(), rank=0, world_size=1)
