"""Rooms of the package and the imports between them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import grimp

from measures.source_tree import PACKAGE, ROOT, Finding

Arrow = tuple[str, str]
"""Importing and imported module."""


class Room(NamedTuple):
    """A folder of the package; `floors` is the longest chain of imports among its modules and inner rooms."""

    name: str
    modules: int
    inner_rooms: int
    floors: int


@cache
def graph() -> grimp.ImportGraph:
    """Return the imports between modules of the package, deferred ones included, imports for type checkers left out."""
    return grimp.build_graph(PACKAGE, cache_dir=None, exclude_type_checking_imports=True)


@cache
def arrows() -> tuple[Arrow, ...]:
    """Return every pair of importing and imported module."""
    imports = graph()
    return tuple(
        sorted((one, other) for one in imports.modules for other in imports.find_modules_directly_imported_by(one))
    )


def rooms() -> list[Room]:
    """Return the folders of the package with their floors."""
    imports = graph()
    folders = sorted(name for name in imports.modules if imports.find_children(name))
    return [_room(name) for name in folders]


def arrows_upward() -> list[Finding]:
    """Return imports against the order of rooms that the layer contracts in `pyproject.toml` declare."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layered = [contract for contract in contracts if contract["type"] == "layers"]
    upward = {
        arrow for contract in layered for order in orders(contract) for arrow in arrows() if is_upward(arrow, order)
    }
    return [_finding(one, f"imports {other}, which is above") for one, other in sorted(upward)]


def circles() -> list[Finding]:
    """Return the groups of modules that import each other in a circle."""
    following = {name: {other for one, other in arrows() if one == name} for name in graph().modules}
    return [_finding(group[0], " → ".join(group)) for group in components(following) if len(group) > 1]


def _room(name: str) -> Room:
    children = graph().find_children(name)
    inner = [child for child in children if graph().find_children(child)]
    following: dict[str, set[str]] = {child: set() for child in children}
    for one, other in arrows():
        above, below = _child_of(name, one), _child_of(name, other)
        if above in children and below in children and above != below:
            following[above].add(below)
    return Room(name, len(children) - len(inner), len(inner), longest_chain(following))


def _child_of(parent: str, module: str) -> str:
    """Return the direct child of `parent` in which `module` lies, or an empty string."""
    inside = module.startswith(f"{parent}.")
    return ".".join(module.split(".")[: parent.count(".") + 2]) if inside else ""


def longest_chain(following: dict[str, set[str]]) -> int:
    """Return the number of nodes on the longest path; a circle counts as one node."""
    group_of = {name: number for number, group in enumerate(components(following)) for name in group}
    heights: dict[int, int] = {}
    for group in components(following):
        number = group_of[group[0]]
        below = {group_of[other] for name in group for other in following[name]} - {number}
        heights[number] = 1 + max((heights[other] for other in below), default=0)
    return max(heights.values(), default=0)


def components(following: dict[str, set[str]]) -> list[list[str]]:
    """Return the strongly connected components, each after all that it reaches (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(following[name]):
            if other not in index:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == index[name]:
            start = stack.index(name)
            found.append(sorted(stack[start:]))
            del stack[start:]

    for name in sorted(following):
        if name not in index:
            visit(name)
    return found


def orders(contract: dict[str, list[str]]) -> list[list[list[str]]]:
    """Return the layers of a contract from top to bottom, once for each of its containers."""
    layers = [[name.strip(" ()") for name in layer.replace("|", ":").split(":")] for layer in contract["layers"]]
    containers = [f"{container}." for container in contract.get("containers", [])] or [""]
    return [[[f"{container}{name}" for name in layer] for layer in layers] for container in containers]


def is_upward(arrow: Arrow, order: list[list[str]]) -> bool:
    """Return whether a module of a lower layer imports one of a higher layer."""
    one, other = (_floor(module, order) for module in arrow)
    return one is not None and other is not None and other < one


def _floor(module: str, order: list[list[str]]) -> int | None:
    names = ((name, number) for number, layer in enumerate(order) for name in layer)
    return next((number for name, number in names if f"{module}.".startswith(f"{name}.")), None)


def _finding(module: str, text: str) -> Finding:
    path = Path(*module.split("."))
    folder = (ROOT / path).is_dir()
    return Finding((path / "__init__.py" if folder else path.with_suffix(".py")).as_posix(), 1, text)
