"""The page about own networks, data and loops: each file is saved, each command is run, each expected line is printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.extending_page import Command, Section, pattern, sections

ROOT = Path(__file__).parents[1]
SECTIONS = sections()
NEEDS = {"ebm": "ebmkit", "lightning": "lightning"}
"""Modules that examples import, with the names of their packages."""


def test_the_page_has_all_examples():
    titles = [section.title for section in SECTIONS]
    assert [title[:10] for title in titles if title.startswith("Example")] == [f"Example {n}:" for n in (1, 2, 3, 4)]
    assert sum(len(section.files) for section in SECTIONS) >= 8
    assert all(command.expected for section in SECTIONS for command in section.commands if command.refused)


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS, ids=[section.title for section in SECTIONS])
def test_a_section_works_as_written(section: Section, tmp_path: Path):
    for module, package in NEEDS.items():
        if any(f"import {module}\n" in text or f"from {module}." in text for text in section.files.values()):
            pytest.importorskip(module, reason=f"{package} is not installed")
    if section.title == "Trust":
        section = with_network_of_first_section(section)
    elif any("mynet:make_net" in command.words for command in section.commands):
        section.files.update(SECTIONS[0].files)
    for name, content in section.files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    for command in section.commands:
        check(command, tmp_path)
    for script in section.scripts:
        (tmp_path / "script.py").write_text(script, encoding="utf-8")
        check(Command(words=["python", "script.py"], refused=False), tmp_path)


def with_network_of_first_section(section: Section) -> Section:
    """Return a section whose commands follow the first training run of the page."""
    first = SECTIONS[0]
    return Section(title=section.title, files=first.files, commands=[first.commands[0], *section.commands])


def check(command: Command, folder: Path) -> None:
    """Run a command in a folder, and compare exit code and output with the page."""
    done = subprocess.run(
        program(command.words), cwd=folder, capture_output=True, text=True, env=environment(), timeout=300
    )
    printed = done.stdout + done.stderr
    assert done.returncode == (2 if command.refused else 0), f"{command.words}: {printed}"
    for line in command.expected:
        assert pattern(line).search(printed), f"{line!r} is not in the output of {command.words}:\n{printed}"


def program(words: list[str]) -> list[str]:
    """Return the words of a command with the interpreter of this test."""
    return [sys.executable, *(["-m", "jem_tui"] if words[0] == "jem-tui" else []), *words[1:]]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
