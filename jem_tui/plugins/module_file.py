"""Files of Python in the working directory that a name without `:attribute` may stand for."""

from __future__ import annotations

import ast
from contextlib import suppress
from pathlib import Path

from jem_tui.plugins.kinds import PluginKind

LARGEST = 1_000_000
"""Maximum size in bytes of a file that is parsed for its names."""
MOST_NAMES = 5
"""Maximum number of names in a message."""


def module_file(name: str) -> Path | None:
    """Return the file of the module `name` below the working directory, None if there is none."""
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        return None
    found = (Path(*parts).with_suffix(".py"), Path(*parts) / "__init__.py")
    with suppress(OSError):
        return next((file for file in found if file.is_file()), None)
    return None


def attribute_hint(kind: PluginKind, module: str, file: Path) -> str:
    """Return a sentence that appends an attribute to the name of a module, one that its file defines if there is any."""
    names = defined_names(file)
    if len(names) == 1:
        return f"Write {kind.words(f'{module}:{names[0]}')}."
    which = f"one of {', '.join(names[:MOST_NAMES])}" if names else f"a class or function that {file} defines"
    more = ", …" if len(names) > MOST_NAMES else ""
    return f"Write {kind.words(f'{module}:NAME')}, where NAME is {which}{more}."


def defined_names(file: Path) -> list[str]:
    """Return the public functions and classes that a file defines at its top level, without importing it; none if it cannot be parsed."""
    try:
        if file.stat().st_size > LARGEST:
            return []
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    defined = (each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef))
    return [name for name in dict.fromkeys(defined) if not name.startswith("_")]
