"""Actions that succeed on all ranks or fail on all ranks, so that no rank waits for a rank that has failed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypeVar

from jem_tui.errors import JemError
from jem_tui.jem.ranks.ranks import Ranks

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The error of an action on one rank."""

    rank: int
    text: str
    hint: str = ""
    """The next action of the user, for an error that is reported unchanged."""
    errno: int | None = None
    """The number of an error of the operating system."""
    part: bool = False
    """True if the text names the damaged part of a whole."""


class DamagedPartError(Exception):
    """The damage or absence of one file of a folder, with its name in the message."""


class FailedOnRanksError(Exception):
    """A failure of an action on some ranks, raised on all ranks."""

    def __init__(self, failures: list[Failure]) -> None:
        super().__init__(failures[0].text)
        self.failures = failures


def on_all_ranks(ranks: Ranks, action: Callable[[], Result]) -> Result:
    """Return what `action` returns on this rank. Raises FailedOnRanksError on all ranks if it fails on any.

    All ranks must call this function in the same order; `action` itself may not wait for other ranks.
    """
    results: list[Result] = []
    failure: Failure | None = None
    try:
        results.append(action())
    except Exception as error:
        failure = _failure(ranks.rank, error)
    texts = ranks.texts(json.dumps(asdict(failure)) if failure else "")
    failures = [Failure(**json.loads(text)) for text in texts if text]
    if failures:
        raise FailedOnRanksError(failures)
    return results[0]


def on_rank_0(ranks: Ranks, action: Callable[[], object]) -> None:
    """Run `action` on rank 0, with the agreement of `on_all_ranks`."""
    on_all_ranks(ranks, lambda: action() if ranks.rank == 0 else None)


def _failure(rank: int, error: Exception) -> Failure:
    if isinstance(error, JemError):
        return Failure(rank=rank, text=error.message, hint=error.hint)
    if isinstance(error, OSError):
        return Failure(rank=rank, text=error.strerror or type(error).__name__, errno=error.errno)
    lines = str(error).strip().splitlines()
    text = lines[0].rstrip(".") if lines else type(error).__name__
    return Failure(rank=rank, text=text, part=isinstance(error, DamagedPartError))
