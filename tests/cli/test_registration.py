"""Registration of commands: the help lists all commands, and importing a command imports no other command."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jem_tui.cli.registration import COMMANDS, make_app, named_commands


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["train", "--json"], ["train"]),
        (["--ascii", "replay", "train"], ["replay"]),
        (["--help"], list(COMMANDS)),
        (["--help", "train"], list(COMMANDS)),
        (["train", "--help"], ["train"]),
        ([], list(COMMANDS)),
        (["trian"], list(COMMANDS)),
    ],
)
def test_a_command_line_names_one_command_or_none(words: list[str], names: list[str]):
    assert named_commands(words) == names


def test_every_command_is_found_where_the_table_says():
    assert [command.name for command in make_app().registered_commands] == list(COMMANDS)


def test_a_command_starts_without_the_modules_of_the_others():
    code = (
        "import sys; sys.argv = ['jem-tui', 'train', '--help']\n"
        "from jem_tui.cli import main\n"
        "try: main()\n"
        "except SystemExit as e: assert not e.code, e.code\n"
        "others = {'jem_tui.cli.' + name for name in ('eval', 'sweep', 'serving.serve', 'replay', 'doctor')} & sys.modules.keys()\n"
        "assert not others and 'jem_tui.cli.train' in sys.modules, others"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
