"""Blocks of code that stand in two places."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import NamedTuple

from measures.source_tree import Finding, SourceFile, python_files

BLOCK = 6
"""Lines that make a block: code only, without blank lines, comments, docstrings, imports and lone brackets."""


class CodeLine(NamedTuple):
    """A line of code with its place."""

    path: str
    line: int
    text: str


def duplicates_in_program() -> list[Finding]:
    """Return the blocks that package, tools and benchmarks repeat."""
    return repeated_blocks([file for file in python_files() if not file.in_tests])


def duplicates_in_tests() -> list[Finding]:
    """Return the blocks that tests repeat."""
    return repeated_blocks([file for file in python_files() if file.in_tests])


def repeated_blocks(files: list[SourceFile]) -> list[Finding]:
    """Return every block after its first appearance; overlapping blocks count once."""
    places: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    code = [_code_lines(file) for file in files]
    for number, lines in enumerate(code):
        for start in range(len(lines) - BLOCK + 1):
            places[tuple(line.text for line in lines[start : start + BLOCK])].append((number, start))
    repeats = {place: found[0] for found in places.values() for place in found[1:]}
    return [
        _finding(code, place, first)
        for place, first in sorted(repeats.items())
        if not _continues(place, first, repeats)
    ]


def _continues(place: tuple[int, int], first: tuple[int, int], repeats: dict[tuple[int, int], tuple[int, int]]) -> bool:
    """Return whether the block belongs to a longer one that began a line earlier."""
    return repeats.get((place[0], place[1] - 1)) == (first[0], first[1] - 1)


def _finding(code: list[list[CodeLine]], place: tuple[int, int], first: tuple[int, int]) -> Finding:
    here, there = code[place[0]][place[1]], code[first[0]][first[1]]
    return Finding(here.path, here.line, f"repeats {there.path}:{there.line}: {here.text}")


def _code_lines(file: SourceFile) -> list[CodeLine]:
    left_out = {number for node in ast.walk(file.tree) if _is_left_out(node) for number in _span(node)}
    numbered = ((number, text.strip()) for number, text in enumerate(file.lines, 1) if number not in left_out)
    return [
        CodeLine(file.path, number, text)
        for number, text in numbered
        if any(map(str.isalnum, text)) and not text.startswith("#")
    ]


def _is_left_out(node: ast.AST) -> bool:
    """Return whether a node is an import or a docstring."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _span(node: ast.AST) -> range:
    return range(getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) + 1)
