"""Collective operations between the ranks of a run: on gradients, metrics, and the values from which all ranks decide.

A run of one process without a group exchanges nothing, and every method returns its argument unchanged. All ranks call these
methods in one order, because each call with a group is a collective operation, which waits for every rank.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch import Tensor

from jem_tui.jem.ranks.waiting import Waiting

if TYPE_CHECKING:
    # A build of torch without distributed training lacks this name, and still trains in one process.
    from torch.distributed import ProcessGroup

all_gather: Any = getattr(dist, "all_gather_single", None) or getattr(dist, "all_gather_into_tensor", None)
"""The all-gather into one tensor, under its new name where torch has it, else under the former one."""


@dataclass(frozen=True, kw_only=True)
class Ranks:
    """This process among the ranks of a run.

    A `group` of size 1 performs all collective operations as well, which tests them on one device.
    """

    rank: int = 0
    """The number of this process, counted from 0."""
    size: int = 1
    """The number of processes, W."""
    local_rank: int = 0
    """The number of this process among those of its machine."""
    local_size: int = 1
    """The number of processes on this machine."""
    group: ProcessGroup | None = None
    """Exchanges tensors on the device of the run: nccl on CUDA, gloo on CPUs; None for a run of one process."""
    control: ProcessGroup | None = None
    """Exchanges what the hosts decide, on CPUs, with a timeout longer than any pause; None for a run of one process."""
    waiting: Waiting = field(default_factory=Waiting, compare=False, repr=False)
    """The time in which this rank waits for others during its optimizer steps."""

    @property
    def alone(self) -> bool:
        """True if there is nothing to exchange."""
        return self.group is None

    def share(self, total: int) -> int:
        """Return this rank's part of a global size, which must be a multiple of the number of ranks."""
        return total // self.size

    @torch.no_grad()
    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace tensors of one type by their means over all ranks, in place, with one all-reduce."""
        if self.group is None or not tensors:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        with self.waiting.measured("average", flat.device):
            dist.all_reduce(flat, group=self.group)
        flat /= self.size
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        torch._foreach_copy_(list(tensors), [part.view_as(each) for part, each in zip(parts, tensors, strict=True)])

    @torch.no_grad()
    def gather(self, row: Tensor) -> Tensor:
        """Return the tensors of all ranks in the order of the ranks, shape (size, *shape of `row`)."""
        if self.group is None:
            return row[None]
        rows = row.new_empty(self.size, *row.shape)
        all_gather(rows.view(-1), row.reshape(-1).contiguous(), group=self.group)
        return rows

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean of a small tensor over all ranks, summed in the order of the ranks; `values` itself without a group."""
        return values if self.group is None else self.rows(values).mean(0)

    def rows(self, row: Tensor) -> Tensor:
        """Return small tensors of all ranks as `gather` does, and count the time as one in which this rank waits for others."""
        if self.group is None:
            return row[None]
        with self.waiting.measured("mean", row.device):
            return self.gather(row)

    def first_rows(self, rows: Tensor, count: int) -> Tensor:
        """Return the first `count` rows, or all, of the tensors of all ranks in the order of the ranks.

        Every rank must have equally many rows. If one rank has `count` rows, nothing is exchanged and each rank returns its own rows,
        so that only rank 0 has the right ones.
        """
        return rows[:count] if self.alone or len(rows) >= count else self.gather(rows).flatten(0, 1)[:count]

    def copy_first(self, tensors: Iterable[Tensor]) -> None:
        """Overwrite tensors with those of rank 0."""
        if self.group is not None:
            for tensor in tensors:
                dist.broadcast(tensor.detach(), group=self.group, group_src=0)

    def numbers(self, *values: float) -> list[list[float]]:
        """Return the `values`, numbers on the host, of every rank in the order of the ranks."""
        if self.control is None:
            return [list(values)]
        rows = torch.empty(self.size, len(values), dtype=torch.float64)
        all_gather(rows.view(-1), torch.tensor(values, dtype=torch.float64), group=self.control)
        found: list[list[float]] = rows.tolist()
        return found

    def total(self, count: int) -> int:
        """Return the sum over all ranks of a count on the host."""
        return sum(int(row[0]) for row in self.numbers(count))

    def all(self, flag: bool) -> bool:
        """Return whether a flag is true on all ranks."""
        return all(row[0] for row in self.numbers(flag)) if self.control is not None else flag

    def any(self, flag: bool) -> bool:
        """Return whether a flag is true on at least one rank."""
        return not self.all(not flag)

    def texts(self, text: str) -> list[str]:
        """Return the text of every rank in the order of the ranks."""
        if self.control is None:
            return [text]
        content = torch.tensor(list(text.encode(errors="replace")), dtype=torch.uint8)
        lengths = [int(row[0]) for row in self.numbers(len(content))]
        longest = max(1, *lengths)
        rows = torch.empty(self.size, longest, dtype=torch.uint8)
        padded = torch.zeros(longest, dtype=torch.uint8)
        padded[: len(content)] = content
        all_gather(rows.view(-1), padded, group=self.control)
        return [bytes(row[:length].tolist()).decode() for row, length in zip(rows, lengths, strict=True)]

    def sentences_of_first(self, sentences: Sequence[str]) -> list[str]:
        """Return the sentences of rank 0."""
        found: list[str] = json.loads(self.texts(json.dumps(list(sentences)))[0])
        return found

    def barrier(self) -> None:
        """Wait until all ranks have reached this call."""
        self.numbers(0)

    @contextmanager
    def one_by_one(self) -> Iterator[None]:
        """Run the body on rank 0, then on the first rank of every other machine, then on all remaining ranks.

        A body that downloads absent files does so once for each folder, whether machines share the folder or not. After an exception
        on one rank, the body still runs on all other ranks.
        """
        place = 0 if self.rank == 0 else 1 if self.local_rank == 0 else 2
        for _ in range(place):
            self.barrier()
        try:
            yield
        finally:
            for _ in range(2 - place):
                self.barrier()


ALONE = Ranks()
"""The only rank of a run of one process."""
