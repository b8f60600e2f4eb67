"""The page about own networks, data and loops: each file is saved, each command is run, each expected line is printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.forked import forked
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
def test_a_section_works_as_written(section: Section, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("COLUMNS", "120")
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
        check(command)
    for script in section.scripts:
        (tmp_path / "script.py").write_text(script, encoding="utf-8")
        check(Command(words=["python", "script.py"], refused=False))


def with_network_of_first_section(section: Section) -> Section:
    """Return a section whose commands follow the first training run of the page."""
    first = SECTIONS[0]
    return Section(title=section.title, files=first.files, commands=[first.commands[0], *section.commands])


def check(command: Command) -> None:
    """Run a command in the current folder, and compare exit code and output with the page."""
    program, *words = command.words
    if program == "jem-tui":
        done = forked(*words)
    else:
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=300)
    printed = done.stdout + done.stderr
    assert done.returncode == (2 if command.refused else 0), f"{command.words}: {printed}"
    for line in command.expected:
        assert pattern(line).search(printed), f"{line!r} is not in the output of {command.words}:\n{printed}"
