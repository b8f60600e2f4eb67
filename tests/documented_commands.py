"""The commands in the code blocks of the documentation."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands_in(page: Path) -> list[list[str]]:
    """Return the arguments of each `jem-tui` command in the shell blocks of a page, in their order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    calls = re.findall(r"\bjem-tui (.*?)(?= && | [|>&] |$)", "\n".join(blocks), re.MULTILINE)
    return [shlex.split(call, comments=True) for call in calls]
