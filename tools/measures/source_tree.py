"""Files of the repository, read and parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "jem_tui"
CODE_FOLDERS = (PACKAGE, "tools", "benchmarks", "results", "tests")
TEXT_PATTERNS = (
    "*.md",
    "docs/**/*.md",
    "benchmarks/*.md",
    "results/*.md",
    "*.toml",
    "*.yml",
    "*.yaml",
    ".pre-commit-config.yaml",
    ".ci/*",
    "justfile",
    f"{PACKAGE}/**/*.tcss",
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Finding(NamedTuple):
    """A place that falls short of a measure, printed as `path:line: text`."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True)
class SourceFile:
    """One text file; `path` is relative to the root of the repository."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """Lines without their ends."""
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        """Syntax tree of a Python file."""
        return ast.parse(self.text)

    @cached_property
    def functions(self) -> list[Function]:
        """Functions and methods of a Python file, nested ones included."""
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @property
    def in_tests(self) -> bool:
        """Return whether the file belongs to the tests."""
        return self.path.startswith("tests/")

    @property
    def is_test_module(self) -> bool:
        """Return whether pytest collects tests from the file."""
        return self.in_tests and Path(self.path).name.startswith("test_")

    @property
    def in_package(self) -> bool:
        """Return whether the file is part of the installed package."""
        return self.path.startswith(f"{PACKAGE}/")


@cache
def python_files() -> tuple[SourceFile, ...]:
    """Return the Python files of package, tools, benchmarks, results and tests."""
    return _read(path for folder in CODE_FOLDERS for path in (ROOT / folder).rglob("*.py"))


@cache
def text_files() -> tuple[SourceFile, ...]:
    """Return documentation, configuration and style sheets."""
    return _read(path for pattern in TEXT_PATTERNS for path in ROOT.glob(pattern) if path.is_file())


def _read(paths: Iterable[Path]) -> tuple[SourceFile, ...]:
    unique = sorted(set(paths))
    return tuple(SourceFile(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in unique)
