"""Names of plug-ins, and the objects that they name."""

from __future__ import annotations

import os
import pkgutil
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from jem_tui.errors import InputError
from jem_tui.message_text import nearest, shortened
from jem_tui.plugins.kinds import PluginKind
from jem_tui.plugins.module_file import attribute_hint, module_file
from jem_tui.plugins.user_code import describe_exception
from jem_tui.printable import printable

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_DOTTED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_CODE = re.compile(rf"(?!.*\.py:){_DOTTED}:{_DOTTED}")
_PATH = re.compile(r"(?P<path>.*[/\\].*|.*\.py)(?::(?P<attribute>.*))?", re.DOTALL)


def names_code(name: str) -> bool:
    """Return whether a name has the form `module:attribute`, so that resolving it imports a module that no package has declared."""
    return _CODE.fullmatch(name) is not None


def entry_names(kind: PluginKind) -> list[str]:
    """Return the names of the installed entry points of a kind, in order."""
    return sorted({point.name for point in _installed(kind)})


def resolve_plugin(kind: PluginKind, name: str) -> Any:
    """Return the object that a name stands for, which can be called. What its module prints goes to stderr.

    Raises InputError if the name has another form, if nothing has the name, if importing fails, or if the object cannot be called.
    """
    with redirect_stdout(sys.stderr):
        found = _from_code(kind, name) if names_code(name) else _from_entry_point(kind, name)
    if not callable(found):
        raise InputError(
            f"The {kind.noun} {name} is of type {type(found).__name__}, which cannot be called.",
            "Name a class or a function.",
        )
    return found


def _from_code(kind: PluginKind, name: str) -> object:
    """Import a module, with the working directory importable, and return its attribute."""
    _make_working_directory_importable()
    module, _, attribute = name.partition(":")
    try:
        import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise _import_failure(kind, name, error) from error
        raise InputError(
            f"There is no module {error.name} for the {kind.noun} {name}.",
            "Run from the folder that holds the module, or install its package.",
        ) from None
    except (Exception, SystemExit) as error:
        raise _import_failure(kind, name, error) from error
    try:
        return pkgutil.resolve_name(name)
    except AttributeError as error:
        raise _missing(module, attribute, error) from None
    except (Exception, SystemExit) as error:
        raise _import_failure(kind, name, error) from error


def _make_working_directory_importable() -> None:
    """Put the working directory in front of the import path, as `python -m` does, unless it is there."""
    try:
        folder = os.getcwd()  # noqa: PTH109
    except FileNotFoundError:
        return
    if folder not in sys.path and "" not in sys.path:
        sys.path.insert(0, folder)


def _missing(module: str, attribute: str, error: AttributeError) -> InputError:
    """Return the error of an attribute that a module or one of its classes lacks."""
    if module == "__main__":
        return InputError(
            f"{attribute} was defined in a notebook or script other than this program.",
            "Move it to a module of its own, such as mynet.py, and train with the name from that module.",
        )
    lacking = error.name or attribute
    first = lacking == attribute.partition(".")[0]
    if first and _shadowed(module):
        return InputError(
            f"The module {module} is {getattr(sys.modules[module], '__file__', 'built into Python')}, not {module}.py in the working directory.",
            f"Rename {module}.py.",
        )
    owner = module if first else f"{module}:{attribute.rpartition('.')[0]}"
    public = [each for each in dir(error.obj) if not each.startswith("_")] if error.obj is not None else []
    return InputError(
        f"{owner} has no attribute {lacking}{nearest(lacking, public)}.",
        "Write module:attribute, with a name that the module defines.",
    )


def _shadowed(module: str) -> bool:
    """Return whether an imported module is another one than the file of its name in the working directory."""
    own, imported = Path(f"{module}.py"), getattr(sys.modules[module], "__file__", None)
    return own.is_file() and (imported is None or not own.samefile(imported))


def _import_failure(kind: PluginKind, name: str, error: BaseException) -> InputError:
    return InputError(
        f"The {kind.noun} {name} cannot be imported: {describe_exception(error)}.",
        f"Repair the module; `python -c 'import {name.partition(':')[0]}'` prints the whole traceback.",
    )


def _from_entry_point(kind: PluginKind, name: str) -> object:
    """Return the object of an installed entry point."""
    points = [point for point in _installed(kind) if point.name == name]
    if not points:
        raise _unknown_name(kind, name)
    if len({point.value for point in points}) > 1:
        raise _ambiguous(kind, name, points)
    try:
        return points[0].load()
    except (Exception, SystemExit) as error:
        raise InputError(
            f"The {kind.noun} {name} of the package {_package_of(points[0])} cannot be imported: {describe_exception(error)}.",
            "Reinstall or repair the package.",
        ) from error


def _ambiguous(kind: PluginKind, name: str, points: Sequence[EntryPoint]) -> InputError:
    packages = " and ".join(sorted({_package_of(point) for point in points}))
    choices = " or ".join(kind.words(value) for value in sorted({point.value for point in points}))
    return InputError(
        f"Several packages provide a {kind.noun} named {name}: {packages}.", f"Uninstall one, or choose with {choices}."
    )


def _package_of(point: EntryPoint) -> str:
    return printable(point.dist.name) if point.dist is not None else point.module


def _installed(kind: PluginKind) -> list[EntryPoint]:
    from importlib.metadata import entry_points

    return list(entry_points(group=kind.group))


def _unknown_name(kind: PluginKind, name: str) -> InputError:
    """Return the error of a name that is neither an installed entry point nor of the form `module:attribute`."""
    written, known = printable(shortened(name)), entry_names(kind)
    hint = naming_hint(kind, name, known)
    if _PATH.fullmatch(name) or ":" in name:
        return InputError(f"{written} is not of the form module:attribute.", hint)
    return InputError(f"There is no {kind.noun} named {written}{nearest_plugin(name, known)}.", hint)


def nearest_plugin(name: str, known: Sequence[str]) -> str:
    """Return a clause with the known name that is most similar, or one on a file of that name, which holds plug-ins but is none."""
    file = module_file(name)
    return f" ({file} is a module)" if file else nearest(name, known)


def naming_hint(kind: PluginKind, name: str, known: Sequence[str]) -> str:
    """Return a sentence on how to name a plug-in, for a wrong `name` where the names `known` would be right."""
    path = _PATH.fullmatch(name)
    if path is not None:
        return _how_to_name(kind, path)
    if ":" in name:
        return f"For example: {kind.words(kind.example)}."
    file = module_file(name)
    if file is not None:
        return attribute_hint(kind, name, file)
    module, _, attribute = name.rpartition(".")
    if names_code(f"{module}:{attribute}"):
        return f"For an attribute of a module, write {kind.words(f'{module}:{attribute}')}."
    return (
        f"It can be {', '.join(known)}, or module:attribute."
        if known
        else "Install the package that provides it, or write module:attribute."
    )


def _how_to_name(kind: PluginKind, path: re.Match[str]) -> str:
    """Return a hint that names the module of a file, from the folder that it can be imported from."""
    file = PurePath(path["path"].replace("\\", "/"))
    parts = [part for part in file.with_suffix("").parts if part not in (".", "..")]
    attribute = path["attribute"] or kind.example.partition(":")[2]
    inside = not file.is_absolute() and ".." not in file.parts
    name = f"{'.'.join(parts) if inside else file.stem}:{attribute}"
    if not names_code(name):
        return f"Write module:attribute, for example {kind.words(kind.example)}; both are names without special characters."
    return f"Write {kind.words(name)}." if inside else f"Run in the folder {file.parent}, and write {kind.words(name)}."
