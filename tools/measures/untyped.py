"""Helpers of tests, tools and benchmarks without types."""

from __future__ import annotations

import ast

from measures.source_tree import Finding, Function, SourceFile, python_files


def untyped_helpers() -> list[Finding]:
    """Return functions outside the package that lack a type; tests and the functions inside tests need none."""
    return sorted(finding for file in python_files() if not file.in_package for finding in untyped_in(file))


def untyped_in(file: SourceFile) -> list[Finding]:
    """Return the functions of one file that lack a type."""
    return [_finding(function, file) for function in _helpers(file) if not _is_typed(function)]


def _helpers(file: SourceFile) -> list[Function]:
    if not file.is_test_module:
        return file.functions
    classes = (node for node in file.tree.body if isinstance(node, ast.ClassDef))
    nodes = [*file.tree.body, *(node for each in classes for node in each.body)]
    return [node for node in nodes if isinstance(node, Function) and not node.name.startswith("test")]


def _finding(function: Function, file: SourceFile) -> Finding:
    return Finding(file.path, function.lineno, f"{function.name} lacks a type")


def _is_typed(function: Function) -> bool:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    untyped = [each.arg for each in named if each.annotation is None and each.arg not in ("self", "cls")]
    return not untyped and (function.returns is not None or function.name == "__init__")
