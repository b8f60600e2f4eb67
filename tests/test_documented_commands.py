"""Every command in the documentation is one that the program accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from jem_tui.cli.application import app
from jem_tui.config.load import make_config
from tests.documented_commands import PAGES, ROOT, commands_in

CALLS = [(page, words) for page in PAGES for words in commands_in(page)]


def test_the_documentation_has_commands():
    assert {"train", "replay", "eval", "sample", "export", "runs", "serve", "config"} <= {
        words[0] for _, words in CALLS
    }


@pytest.mark.parametrize(("page", "words"), CALLS, ids=[f"{p.relative_to(ROOT)}: {' '.join(w)}" for p, w in CALLS])
def test_command_in_the_documentation_is_accepted(page: Path, words: list[str]):
    parsed = parse(words)
    if words[0] == "serve":
        parse(parsed["words"])
    if words[0] == "train" and parsed["resume"] is None:
        make_config(parsed["preset"], None, parsed["set_"] or ())


@pytest.mark.parametrize("words", [["train", "--no-such-option"], ["serve", "--port", "many"], ["sample"]])
def test_a_wrong_command_is_noticed(words: list[str]):
    with pytest.raises(Exception, match=r"no-such-option|valid integer|Missing parameter"):
        parse(words)


def parse(words: list[str]) -> dict[str, Any]:
    """Return the parameters of a command by name. Raises the error of the command line for a wrong command."""
    group: Any = typer.main.get_command(app)
    context = group.commands[words[0]].make_context(words[0], words[1:])
    return dict(context.params)
