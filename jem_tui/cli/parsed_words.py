"""Values of the options and arguments of a command, without carrying the command out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import typer


def parsed(command: Callable[..., None], words: Sequence[str], usage: str) -> dict[str, Any]:
    """Return the values that a command would receive for `words`, by the names of its parameters.

    `usage` is what the user has typed before the words. Raises what Click raises for wrong words, and typer.Exit after `--help`.
    """
    values: dict[str, Any] = {}

    @wraps(command)
    def keep(**given: Any) -> None:
        values.update(given)

    parser = typer.Typer(add_completion=False, rich_markup_mode=None)
    parser.command()(keep)
    known = typer.main.get_command(parser)
    with known.make_context(usage, list(words)) as context:
        known.invoke(context)
    return values
