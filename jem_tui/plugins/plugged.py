"""Functions of the user that a run calls, with the wording of their failures."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jem_tui.errors import InputError, JemError
from jem_tui.plugins.kinds import PluginKind
from jem_tui.plugins.resolve import resolve_plugin
from jem_tui.plugins.user_code import describe_exception


class PluginError(JemError):
    """A failure in code of the user during a run (exit code 1)."""


@dataclass(frozen=True, kw_only=True)
class PluggedFunction:
    """A function of the user with its name in the settings and its keyword arguments."""

    kind: PluginKind
    name: str
    function: Callable[..., Any]
    args: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments, which the function gets after its one positional argument."""

    @classmethod
    def resolved(cls, kind: PluginKind, name: str, args: Mapping[str, Any]) -> PluggedFunction:
        """Import the function that a name stands for. Raises InputError."""
        return cls(kind=kind, name=name, function=resolve_plugin(kind, name), args=args)

    @classmethod
    def unless_built_in(
        cls, kind: PluginKind, name: str, args: Mapping[str, Any], built_in: Collection[str], table: str
    ) -> PluggedFunction | None:
        """Return the function that `name` stands for, None for one of the `built_in` names. Raises InputError.

        The arguments are from the table of settings `table`; nothing built in has any.
        """
        if name not in built_in:
            return cls.resolved(kind, name, args)
        if args:
            raise InputError(
                f"The {kind.noun} {name} takes no {table}, but {', '.join(args)} is set.",
                f"Arguments are for a function of your own: {kind.words('module:function')}; -s {table}={{}} removes them.",
            )
        return None

    def __str__(self) -> str:
        return f"{self.kind.noun} {self.name}"

    def __call__(self, argument: object) -> Any:
        """Call the function. Raises PluginError if the function raises an exception."""
        with self.guarded():
            return self.function(argument, **self.args)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Run code of the user in the body, and raise its exceptions, `sys.exit` included, as a PluginError."""
        try:
            yield
        except PluginError:
            raise
        except (Exception, SystemExit) as error:
            raise self.error(f"raised {describe_exception(error)}", traceback.format_exc()) from error

    def error(self, fault: str, details: str = "") -> PluginError:
        """Return an error whose sentence names the function and its fault, such as `returned no tensor`; `details` is a traceback."""
        return PluginError(f"The {self} {fault}.", details=details)
