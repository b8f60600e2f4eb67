"""The rank of this process among the processes of one training."""

from __future__ import annotations

from collections.abc import Mapping

_GLOBAL = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID")
"""Variables of the rank among all processes, in the order of trust: of torchrun, Open MPI, MPICH, PMIx and Slurm."""
_IN_PARTS = ("NODE_RANK", "GROUP_RANK", "LOCAL_RANK")
"""Variables that only together say whether a process is the first, where no variable of `_GLOBAL` is set."""


def is_first_rank(environ: Mapping[str, str]) -> bool:
    """Return whether this process is rank 0, or the only process, by the environment variables of the usual launchers."""
    for name in _GLOBAL:
        rank = environ.get(name, "")
        if rank.isdecimal():
            return int(rank) == 0
    return all(int(rank) == 0 for name in _IN_PARTS if (rank := environ.get(name, "")).isdecimal())
