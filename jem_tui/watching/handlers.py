"""Functions of a loop that carry out commands, and the events that answer each command."""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jem_tui.events.commands import Adjust, Command, EvaluateNow, Reseed, RollBack, SampleNow, SaveNow
from jem_tui.events.describe import CHANGING
from jem_tui.events.run import Ability, At, Evaluated, Event, Note
from jem_tui.printable import printable
from jem_tui.watching.metric_values import as_number, recordable

ABILITIES: dict[type[Any], Ability] = {
    SaveNow: "save",
    Reseed: "reseed",
    EvaluateNow: "evaluate",
    RollBack: "rollback",
    SampleNow: "samples",
}
"""The commands that a loop can carry out, and the ability of the run that each gives."""

_ACTIVITIES: dict[type[Any], str] = {
    SaveNow: "saving",
    Reseed: "restarting chains",
    EvaluateNow: "evaluating",
    RollBack: "rolling back",
    SampleNow: "showing the samples",
}
"""Activities of a loop that carries out a command, in words for notes."""


class Handlers:
    """Registered functions by command."""

    def __init__(self) -> None:
        self._known: dict[type[Any], Callable[[Command], Any]] = {}

    def add(self, command: type[Any], handler: Callable[..., Any]) -> None:
        """Register a function, which receives the command if it has a required parameter.

        Raises ValueError for a command that a loop cannot carry out, and TypeError where `handler` cannot be called so.
        """
        if command not in ABILITIES:
            names = ", ".join(kind.__name__ for kind in ABILITIES)
            raise ValueError(f"{command!r} is not a command that a handler can carry out. Register one of {names}.")
        self._known[command] = _of_command(handler)

    def __contains__(self, command: type[Any]) -> bool:
        """Return whether a function is registered for a command."""
        return command in self._known

    @property
    def abilities(self) -> frozenset[Ability]:
        """Abilities of the run that the registered functions give."""
        return frozenset(ABILITIES[command] for command in self._known)

    def call(self, command: Command) -> Any:
        """Call the function of a command, and return its result."""
        return self._known[type(command)](command)


def answer(command: Command, result: Any, at: At) -> Iterator[Event]:
    """Yield the events that follow from the result of a handler, except those of a rollback and of samples."""
    match command:
        case SaveNow() if result is False:
            # The loop saves later, and adds a note itself
            return
        case SaveNow():
            path = Path(result).absolute() if isinstance(result, str | os.PathLike) else None
            text = f"checkpoint saved: {path.name}" if path else "checkpoint saved"
            yield Note(**at.fields(), text=printable(text), kind="checkpoint", path=str(path or ""))
        case Reseed():
            text = result if isinstance(result, str) else "restarted chains"
            yield Note(**at.fields(), text=printable(text), kind="reseed")
        case EvaluateNow() if isinstance(result, Mapping):
            yield evaluation("validation", result, at)
        case EvaluateNow():
            yield Note(**at.fields(), text="evaluated", kind="evaluation")


def evaluation(split: str, scores: Mapping[str, Any], at: At) -> Evaluated:
    """Return scores as an event. Raises TypeError for a score that is not a number."""
    numbers = {recordable(str(name)): as_number(score, str(name)) for name, score in scores.items()}
    return Evaluated(**at.fields(), split=split, scores=numbers)


def activity(command: Command) -> str:
    """Return what a loop does to carry out a command, such as "saving"."""
    if isinstance(command, Adjust):
        return f"{CHANGING}{command.name}"
    return _ACTIVITIES.get(type(command), type(command).__name__)


def failure_note(command: Command, error: Exception, at: At) -> Note:
    """Print the traceback of a failed handler on stderr, and return a note on it."""
    traceback.print_exception(error, file=sys.stderr)
    text = f"{activity(command)} failed: {type(error).__name__}: {error}"
    return Note(**at.fields(), text=printable(text)[:500], kind="warning")


def _of_command(handler: Callable[..., Any]) -> Callable[[Command], Any]:
    if not callable(handler):
        raise TypeError(f"A handler must be a function, not of type {type(handler).__name__}.")
    try:
        parameters = inspect.signature(handler).parameters.values()
    # Some built-in functions have no signature
    except ValueError:
        return lambda command: handler()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [each for each in parameters if each.default is each.empty and each.kind in positional]
    if len(required) > 1:
        raise TypeError("A handler takes no argument, or the command as its only argument.")
    return handler if required else lambda command: handler()
