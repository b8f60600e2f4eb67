"""Words that the project does not use, with the words that replace them: `banned_words.toml` lists both."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from measures.source_tree import Finding, SourceFile, python_files, text_files

LIST = Path(__file__).parent / "banned_words.toml"


@dataclass(frozen=True)
class Allowance:
    """A use of a banned word that English or an interface needs."""

    phrase: re.Pattern[str]
    files: str
    reason: str

    def blank_out(self, path: str, line: str) -> str:
        """Return `line` with allowed phrases overwritten by spaces, so that columns stay."""
        if not fnmatch(path, self.files):
            return line
        return self.phrase.sub(lambda found: " " * len(found[0]), line)


@dataclass(frozen=True)
class Vocabulary:
    """Banned words and retired names with their replacements, and the allowed exceptions."""

    words: dict[str, str]
    names: dict[str, str]
    definitions: dict[str, str]
    allowed: tuple[Allowance, ...]
    skipped: tuple[str, ...]

    def findings(self, file: SourceFile) -> Iterator[Finding]:
        """Yield every use of a banned word or retired name in `file`, in the order of lines."""
        if any(fnmatch(file.path, pattern) for pattern in self.skipped):
            return
        words, names = _any_of(self.words, re.IGNORECASE), _any_of(self.names)
        for number, line in enumerate(file.lines, 1):
            for found in words.finditer(self._without_allowed(file.path, _split_identifiers(line))):
                word = found[0].lower()
                yield Finding(file.path, number, f"{word} → {_replacement(self.words, word)}")
            for found in names.finditer(self._without_allowed(file.path, line)):
                yield Finding(file.path, number, f"{found[0]} → {_replacement(self.names, found[0])}")

    def retired_definitions(self, file: SourceFile) -> Iterator[Finding]:
        """Yield classes and functions of `file` that carry a name too general or retired."""
        for node in ast.walk(file.tree):
            if (
                isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and node.name in self.definitions
            ):
                yield Finding(file.path, node.lineno, f"{node.name} → {self.definitions[node.name]}")

    def _without_allowed(self, path: str, line: str) -> str:
        for allowance in self.allowed:
            line = allowance.blank_out(path, line)
        return line


@cache
def vocabulary() -> Vocabulary:
    """Return the lists of `banned_words.toml`."""
    content = tomllib.loads(LIST.read_text("utf-8"))
    allowed = (
        Allowance(re.compile(row["phrase"], re.IGNORECASE), row.get("files", "*"), row["reason"])
        for row in content["allow"]
    )
    return Vocabulary(
        content["words"], content["names"], content["definitions"], tuple(allowed), tuple(content["skip"])
    )


def banned_words() -> list[Finding]:
    """Return banned words in code, tests, documentation, configuration and retired names among definitions."""
    lists = vocabulary()
    found = [finding for file in (*python_files(), *text_files()) for finding in lists.findings(file)]
    found += [finding for file in python_files() if file.in_package for finding in lists.retired_definitions(file)]
    return sorted(found)


def _any_of(words: dict[str, str], flags: int = 0) -> re.Pattern[str]:
    """Return a pattern for whole words; an underscore and a digit end a word."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(f"(?<![A-Za-z])(?:{'|'.join(longest_first)})(?![A-Za-z])", flags)


def _replacement(words: dict[str, str], found: str) -> str:
    return next(other for pattern, other in words.items() if re.fullmatch(pattern, found, re.IGNORECASE))


def _split_identifiers(line: str) -> str:
    """Return `line` with spaces in `snake_case` and `CamelCase`: `goOn` and `go_on` read as `go on`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", line.replace("_", " "))
