"""The files, commands and expected output on the page about own networks, data and loops."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "extending.md"
_BLOCK = re.compile(r'^```(\w+)(?: title="([\w.]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_INTERACTIVE = (["jem-tui", "attach"], ["jem-tui", "watch"])
"""Commands that need a terminal."""


@dataclass
class Command:
    """A command on the page with the lines that it must print."""

    words: list[str]
    refused: bool
    """True for a command that ends with exit code 2, as the comment after it says."""
    expected: list[str] = field(default_factory=list)


@dataclass
class Section:
    """A section of the page that begins with `## `."""

    title: str
    files: dict[str, str] = field(default_factory=dict)
    """Python files by name."""
    scripts: list[str] = field(default_factory=list)
    """Python blocks without a name, which run as scripts."""
    commands: list[Command] = field(default_factory=list)


def sections() -> list[Section]:
    """Return the sections of the page that have code, in their order."""
    found = [_section(text) for text in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]]
    return [section for section in found if section.files or section.commands]


def _section(text: str) -> Section:
    section = Section(title=text.split("\n", 1)[0])
    for language, name, content in _BLOCK.findall(text):
        if language == "python" and name:
            section.files[name] = content
        elif language == "python":
            section.scripts.append(content)
        elif language == "sh":
            section.commands += [_command(line) for line in content.splitlines()]
        elif language == "text":
            section.commands[-1].expected = content.splitlines()
    section.commands = [command for command in section.commands if command.words[:2] not in _INTERACTIVE]
    return section


def _command(line: str) -> Command:
    return Command(words=shlex.split(line, comments=True), refused=line.endswith("# is refused"))


def pattern(line: str) -> re.Pattern[str]:
    """Return the pattern of an expected line, in which `…` stands for any text, and spaces for any number of spaces."""
    parts = (re.sub(r"(\\ )+", r"\\s+", re.escape(part)) for part in line.split("…"))
    return re.compile(".*".join(parts))
