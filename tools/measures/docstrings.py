"""Docstrings by the rules of the house: functions open with a verb, the rest with a noun, and each stands alone."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from measures.source_tree import Finding, Function, SourceFile, python_files

LISTS = tomllib.loads((Path(__file__).parent / "docstring_words.toml").read_text("utf-8"))
VERBS, NOUN_SIGNS, QUESTIONS, POINTERS, PREPOSITIONS, EMPTY = (
    frozenset(LISTS[name].split()) for name in ("verbs", "noun_signs", "questions", "pointers", "prepositions", "empty")
)
DANGLING = re.compile(rf"\b(?:{'|'.join(LISTS['dangling'])})\s*(?:[.,;:]|$)", re.IGNORECASE)
SHORT = 4
"""Maximum number of words of a short docstring."""


class Docstring(NamedTuple):
    """A docstring with the kind of what it describes: "function", "noun" (class, module, property, field) or "test"."""

    path: str
    line: int
    name: str
    kind: str
    text: str

    @property
    def opening(self) -> str:
        """First line."""
        return self.text.split("\n", 1)[0]

    @property
    def words(self) -> list[str]:
        """Words in lower case without punctuation."""
        return re.findall(r"[^\s.,;:!?()\"“”]+", self.text.lower())

    def finding(self, complaint: str) -> Finding:
        """Return the docstring as a finding with its first line."""
        return Finding(self.path, self.line, f"{complaint}: {self.name}: {self.opening}")


@cache
def docstrings() -> tuple[Docstring, ...]:
    """Return every docstring of the Python files, those of fields included."""
    return tuple(found for file in python_files() for found in docstrings_of(file))


def opens_with_verb(docstring: Docstring) -> bool:
    """Return whether a docstring opens with a verb in the imperative."""
    words = docstring.words
    return bool(words) and words[0] in VERBS and not (len(words) > 1 and words[1] in NOUN_SIGNS)


def is_short_and_empty(docstring: Docstring) -> bool:
    """Return whether a docstring has at most four words and says nothing without its neighbour."""
    words = docstring.words
    if len(words) > SHORT:
        return False
    content = [word for number, word in enumerate(words) if word not in EMPTY and (number > 0 or word not in VERBS)]
    return (
        not content
        or words[0] in PREPOSITIONS
        or not POINTERS.isdisjoint(words)
        or DANGLING.search(docstring.text) is not None
    )


def verbless() -> list[Finding]:
    """Return functions whose docstring opens without a verb in the imperative."""
    return [
        found.finding("no verb") for found in docstrings() if found.kind == "function" and not opens_with_verb(found)
    ]


def verb_share() -> float:
    """Return the share of functions' docstrings that open with a verb, in percent."""
    functions = [found for found in docstrings() if found.kind == "function"]
    return 100 * sum(map(opens_with_verb, functions)) / len(functions)


def questions() -> list[Finding]:
    """Return docstrings of classes, modules, properties and fields that open like a question."""
    nouns = (found for found in docstrings() if found.kind == "noun")
    return [found.finding("no noun") for found in nouns if found.words and found.words[0] in QUESTIONS]


def short_and_empty() -> list[Finding]:
    """Return docstrings of at most four words that say nothing without their neighbour."""
    return [found.finding("says nothing alone") for found in docstrings() if is_short_and_empty(found)]


def pointing() -> list[Finding]:
    """Return longer docstrings with a clause that ends in "of it", "the same" and the like."""
    longer = (found for found in docstrings() if not is_short_and_empty(found))
    return [found.finding("points at a neighbour") for found in longer if DANGLING.search(found.text)]


def all_findings() -> list[Finding]:
    """Return every docstring that breaks a rule, in the order of files and lines."""
    return sorted(verbless() + questions() + short_and_empty() + pointing())


def docstrings_of(file: SourceFile) -> Iterator[Docstring]:
    """Yield the docstrings of one file."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Module | ast.ClassDef | Function):
            text = ast.get_docstring(node)
            if text is not None:
                yield Docstring(
                    file.path, node.body[0].lineno, getattr(node, "name", "module"), _kind(node, file), text
                )
        if isinstance(node, ast.Module | ast.ClassDef):
            yield from _field_docstrings(node, file)


def _field_docstrings(node: ast.Module | ast.ClassDef, file: SourceFile) -> Iterator[Docstring]:
    """Yield the strings that stand below an assignment."""
    for before, after in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(before, ast.Assign | ast.AnnAssign)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            target = before.targets[0] if isinstance(before, ast.Assign) else before.target
            yield Docstring(file.path, after.lineno, ast.unparse(target), "noun", str(after.value.value))


def _kind(node: ast.AST, file: SourceFile) -> str:
    """Return the kind of a node; fixtures and properties are named like what they give, so they count as nouns."""
    if not isinstance(node, Function):
        return "noun"
    if file.is_test_module and node.name.startswith("test"):
        return "test"
    return "noun" if any(_gives_a_noun(ast.unparse(decorator)) for decorator in node.decorator_list) else "function"


def _gives_a_noun(decorator: str) -> bool:
    return re.search(r"property|\.setter|fixture", decorator) is not None
