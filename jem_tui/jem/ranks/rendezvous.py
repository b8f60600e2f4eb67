"""The rendezvous of the ranks in the store of their launcher, before they have a process group.

An elastic agent that restarts all ranks keeps its store with the keys of the former ranks, whose addresses are no longer valid.
Therefore rank 0 chooses a new name, and all keys of this start have it as their prefix.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import timedelta

import torch.distributed as dist
from torch._C._distributed_c10d import Store
from torch.distributed.distributed_c10d import PrefixStore, _get_default_store
from torch.distributed.rendezvous import rendezvous

from jem_tui.errors import InputError, JemError

POLL = 0.02
"""Seconds between two readings of a key that a rank waits for."""
TIMEOUT = 600.0
"""Seconds that ranks wait for each other."""


def open_launcher_store() -> tuple[Store, int, int]:
    """Return the store of the launcher, or that of a group that exists already, with rank and number of ranks.

    Raises InputError where the store cannot be reached.
    """
    if dist.is_initialized():
        return _get_default_store().clone(), dist.get_rank(), dist.get_world_size()
    try:
        store, rank, size = next(rendezvous("env://", timeout=timedelta(seconds=TIMEOUT)))
    except (ValueError, RuntimeError) as error:
        raise InputError(
            f"The ranks cannot find each other: {str(error).splitlines()[0].rstrip('.')}.",
            "Check MASTER_ADDR and MASTER_PORT, or start the ranks with torchrun or with jem-tui train --ranks N.",
        ) from error
    return store, rank, size


def rendezvous_store(store: Store, rank: int, size: int) -> Store:
    """Return a store that only the ranks of this start use.

    Raises InputError if a rank does not start in time, and JemError if the process that holds the store ends.
    """
    store = PrefixStore("jem-tui", store)
    try:
        name = _name_for_all(store, size) if rank == 0 else _name_of_rank_0(store, rank)
    except dist.DistError as error:
        raise JemError(
            "The launcher or rank 0 has ended before all ranks had started.", "Start all ranks again."
        ) from error
    return PrefixStore(name, store)


def _name_for_all(store: Store, size: int) -> str:
    """Give a new name to every rank that arrives, and return it once all have received it."""
    name = secrets.token_hex(8)
    answered: dict[int, bytes] = {}

    def all_have_received() -> bool:
        for rank in range(1, size):
            token = _read(store, f"arrived/{rank}")
            # A token can be that of a rank that has ended, and whose successor has not arrived
            if token != answered.get(rank, b""):
                store.set(f"name/{token.decode()}", name)
                answered[rank] = token
        return all(store.check([f"{name}/met/{rank}"]) for rank in range(1, size))

    _wait(all_have_received, lambda: f"{len(answered)} of the {size - 1} other ranks have started")
    return name


def _name_of_rank_0(store: Store, rank: int) -> str:
    """Return the name that rank 0 gives to this rank."""
    token = secrets.token_hex(8)
    store.set(f"arrived/{rank}", token)
    _wait(lambda: store.check([f"name/{token}"]), lambda: "rank 0 has not started")
    name = store.get(f"name/{token}").decode()
    store.set(f"{name}/met/{rank}", "")
    return name


def _read(store: Store, key: str) -> bytes:
    return bytes(store.get(key)) if store.check([key]) else b""


def _wait(condition: Callable[[], bool], state: Callable[[], str]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise InputError(
                f"Not all ranks have started within {TIMEOUT / 60:.0f} minutes: {state()}.",
                "Start as many processes as WORLD_SIZE states, each with its own RANK.",
            )
        time.sleep(POLL)
