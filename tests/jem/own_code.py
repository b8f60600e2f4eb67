"""Functions of the user as a module `mine`, for runs whose settings name them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from jem_tui.plugins.kinds import PluginKind
from jem_tui.plugins.plugged import PluggedFunction

Define = Callable[..., None]


def plugged(kind: PluginKind, function: Callable[..., Any], **args: object) -> PluggedFunction:
    return PluggedFunction(kind=kind, name=f"mine:{function.__name__}", function=function, args=args)


def define(patch: pytest.MonkeyPatch, **functions: Callable[..., Any]) -> None:
    """Make functions importable as attributes of a module `mine`, instead of those before."""
    module = ModuleType("mine")
    vars(module).update(functions)
    patch.setitem(sys.modules, "mine", module)
