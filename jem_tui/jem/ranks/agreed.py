"""Computations of each rank that may fail on some ranks alone, in code between two exchanges."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.plugins.user_code import describe_exception

Result = TypeVar("Result")


class LocalFailureError(Exception):
    """A failure on at least one rank, raised on all ranks with one text."""


def agreed(ranks: Ranks, compute: Callable[[], Result]) -> Result:
    """Return what this rank computes without an exchange. Raises LocalFailureError on all ranks if `compute` raises on any.

    No rank then waits in the next exchange for one that has failed.
    """
    found: list[Result] = []
    failure = ""
    try:
        found.append(compute())
    except (Exception, SystemExit) as error:
        failure = describe_exception(error)
    if ranks.all(not failure):
        return found[0]
    raise LocalFailureError(next(text for text in ranks.texts(failure) if text))
