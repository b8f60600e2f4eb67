"""Entries of `docs/glossary.md` that name a file or a definition that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from measures.source_tree import PACKAGE, ROOT, Finding, python_files

GLOSSARY = "docs/glossary.md"
PLACE = re.compile(r"`([\w/]+(?:\.py|/))`(?:: `(\w+)`)?")
"""A path below the package and, after a colon, the class or function that is defined in the file."""


def glossary_findings() -> list[Finding]:
    """Return entries whose path or definition does not exist."""
    lines = (ROOT / GLOSSARY).read_text("utf-8").splitlines()
    return [Finding(GLOSSARY, number, text) for number, line in enumerate(lines, 1) for text in problems(line)]


def problems(line: str) -> Iterator[str]:
    """Yield what a row of the glossary names and the package does not have."""
    if not line.startswith("|"):
        return
    for path, name in PLACE.findall(line):
        if not (ROOT / PACKAGE / path).exists():
            yield f"no such path: {path}"
        elif name and name not in _definitions(f"{PACKAGE}/{path}"):
            yield f"no {name} in {path}"


@cache
def _definitions(path: str) -> frozenset[str]:
    texts = [file.text for file in python_files() if file.path == path]
    return frozenset(re.findall(r"^(?:class |def |)(\w+)", "\n".join(texts), re.MULTILINE))
