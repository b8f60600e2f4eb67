"""Names that stand for two things: modules with the same stem, classes with the same name."""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from pathlib import Path

from measures.source_tree import Finding, python_files

ALLOWED = Path(__file__).parent / "homonyms.toml"


def homonyms() -> list[Finding]:
    """Return modules and classes of the package whose name another one has, too."""
    allowed = tomllib.loads(ALLOWED.read_text("utf-8"))
    return sorted(_repeated(_modules(), allowed["modules"]) + _repeated(_classes(), allowed["classes"]))


def _modules() -> list[tuple[str, str, int]]:
    paths = (Path(file.path) for file in python_files() if file.in_package)
    return [(path.stem, path.as_posix(), 1) for path in paths if not path.stem.startswith("__")]


def _classes() -> list[tuple[str, str, int]]:
    nodes = ((node, file) for file in python_files() if file.in_package for node in ast.walk(file.tree))
    return [(node.name, file.path, node.lineno) for node, file in nodes if isinstance(node, ast.ClassDef)]


def _repeated(named: list[tuple[str, str, int]], allowed: dict[str, str]) -> list[Finding]:
    """Return the second and later places of each name that is not in `allowed`, each with the first place."""
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, path, line in named:
        places[name].append((path, line))
    repeated = {name: found for name, found in places.items() if len(found) > 1 and name not in allowed}
    return [
        Finding(path, line, f"{name} is also in {found[0][0]}")
        for name, found in repeated.items()
        for path, line in found[1:]
    ]
