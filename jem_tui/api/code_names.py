"""Names of classes and functions of the user, under which a run records them and finds them again."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from typing import Any

from jem_tui.errors import InputError
from jem_tui.message_text import shown
from jem_tui.plugins.kinds import PluginKind

Code = str | Callable[..., Any]
"""A name that the settings accept, or a class or function of the user itself."""


def code_name(kind: PluginKind, code: Code) -> str:
    """Return the name `module:attribute` of a class or function; a name is returned unchanged.

    Raises InputError for an object that no name leads to, such as a lambda or a class inside a function.
    """
    if isinstance(code, str):
        return code
    name = f"{getattr(code, '__module__', '')}:{getattr(code, '__qualname__', '')}"
    try:
        found = pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError):
        found = None
    if found is not code:
        raise InputError(
            f"The {kind.noun} {shown(code)} cannot be found by its name.",
            f"Pass a class or function that is defined at the top level of a module, such as {kind.example}.",
        )
    return name
