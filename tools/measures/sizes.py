"""Lengths of functions and files, in lines."""

from __future__ import annotations

import ast
from functools import cache
from typing import NamedTuple

from measures.source_tree import Finding, Function, SourceFile, python_files

LONGEST_FUNCTION = 40
LONGEST_FILE = 250


class Length(NamedTuple):
    """Lines of a function from `def` to its end, without its docstring and its decorators."""

    lines: int
    path: str
    line: int
    name: str


@cache
def function_lengths() -> tuple[Length, ...]:
    """Return the lengths of all functions of the package, shortest first."""
    files = (file for file in python_files() if file.in_package)
    return tuple(sorted(_length(function, file) for file in files for function in file.functions))


def percentile(share: float) -> int:
    """Return the length that `share` of the package's functions do not exceed."""
    lengths = function_lengths()
    return lengths[min(int(share * len(lengths)), len(lengths) - 1)].lines


def longest_file(*, in_tests: bool) -> int:
    """Return the number of lines of the longest Python file among the tests, or among everything else but `results`."""
    return max(len(file.lines) for file in _measured_files() if file.in_tests == in_tests)


def too_long() -> list[Finding]:
    """Return functions and files over the limits."""
    files = [
        Finding(file.path, 1, f"{len(file.lines)} lines")
        for file in _measured_files()
        if len(file.lines) > LONGEST_FILE
    ]
    long = [length for length in function_lengths() if length.lines > LONGEST_FUNCTION]
    return sorted(files + [Finding(each.path, each.line, f"{each.name}: {each.lines} lines") for each in long])


def _measured_files() -> list[SourceFile]:
    return [file for file in python_files() if not file.path.startswith("results/")]


def _length(function: Function, file: SourceFile) -> Length:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        lines -= (function.body[0].end_lineno or 0) - function.body[0].lineno + 1
    return Length(lines, file.path, function.lineno, function.name)
