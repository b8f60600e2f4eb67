"""Ranks as threads of a test, which exchange texts and numbers in memory: many failures on many ranks in a moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from jem_tui.jem.ranks.ranks import Ranks
from tests.wait_until import PATIENCE

Result = TypeVar("Result")
DEADLINE = PATIENCE
"""Seconds after which a rank that waits for the others fails."""


class Exchange:
    """Passes a value of each rank to all ranks."""

    def __init__(self, size: int) -> None:
        self._values: list[Any] = [None] * size
        self.barrier = threading.Barrier(size)

    def __call__(self, rank: int, value: Any) -> list[Any]:
        self._values[rank] = value
        self.barrier.wait(DEADLINE)
        found = list(self._values)
        self.barrier.wait(DEADLINE)
        return found


@dataclass(frozen=True, kw_only=True)
class ThreadRanks(Ranks):
    """One of several ranks that are threads."""

    exchange: Exchange = field(default_factory=lambda: Exchange(1))

    def numbers(self, *values: float) -> list[list[float]]:
        return self.exchange(self.rank, list(values))

    def texts(self, text: str) -> list[str]:
        return self.exchange(self.rank, text)


def on_threads(size: int, function: Callable[[Ranks], Result]) -> list[Result]:
    """Return what `function` returns on each of `size` ranks. Raises the exception of the first rank that fails."""
    exchange: Any = Exchange(size)
    ranks: Sequence[Any] = [ThreadRanks(rank=n, size=size, control=exchange, exchange=exchange) for n in range(size)]

    def guarded(each: Ranks) -> Result:
        try:
            return function(each)
        except BaseException:
            exchange.barrier.abort()
            raise

    with ThreadPoolExecutor(size) as pool:
        futures = [pool.submit(guarded, each) for each in ranks]
    failures = [error for future in futures if (error := future.exception()) is not None]
    own = [error for error in failures if not isinstance(error, threading.BrokenBarrierError)]
    for error in own or failures:
        raise error
    return [future.result() for future in futures]
