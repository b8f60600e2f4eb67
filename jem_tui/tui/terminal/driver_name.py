"""Names of drivers of the screen, which the environment can choose."""

from __future__ import annotations

from importlib import import_module

from textual.driver import Driver


def names_driver(name: str) -> bool:
    """Return whether `name`, of the form `module:Class`, is a driver of Textual that can be imported."""
    module, _, symbol = name.partition(":")
    try:
        found = getattr(import_module(module), symbol)
    except (ImportError, AttributeError, ValueError):
        return False
    return isinstance(found, type) and issubclass(found, Driver)
