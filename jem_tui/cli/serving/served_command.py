"""Commands whose screen `jem-tui serve` shows in a browser: their arguments are checked before the page is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from jem_tui.cli.attach import attach
from jem_tui.cli.browsing.browse import browse, folder_of_runs
from jem_tui.cli.browsing.compare import chosen_runs, compare
from jem_tui.cli.chosen_run import run_options
from jem_tui.cli.demo import demo, demo_run
from jem_tui.cli.draw import draw, drawable_run
from jem_tui.cli.launched_ranks import ranks_to_launch
from jem_tui.cli.parsed_words import parsed
from jem_tui.cli.remote_run import SCHEME
from jem_tui.cli.replay import replay, replayed_runs
from jem_tui.cli.select_live_run import select_live_run
from jem_tui.cli.train import train
from jem_tui.errors import InputError

WITHOUT_SCREEN = {
    "no_ui": "--no-ui",
    "json_": "--json",
    "json_lines": "--json",
    "once": "--once",
    "markdown": "--markdown",
}
"""Parameters of commands that print their output in place of the screen, with their options."""
Values = Mapping[str, Any]
"""Values of a command's parameters by their names."""


class ServedCommand(NamedTuple):
    """A command with a screen."""

    command: Callable[..., None]
    words: Callable[[list[str], Values], list[str]]
    """A function that returns the words that every tab starts. Raises InputError where the command would not show its screen."""


def checked_command(words: Sequence[str]) -> list[str]:
    """Return the command line that every tab starts.

    Raises InputError where the command would not show its screen, what Click raises for wrong words, and typer.Exit after `--help`.
    """
    name, rest = words[0], list(words[1:])
    served = SERVED[name]
    given = parsed(served.command, rest, f"jem-tui serve {name}")
    for parameter, option in WITHOUT_SCREEN.items():
        if given.get(parameter):
            raise InputError(f"{name} {option} has no screen to serve.", f"Leave out {option}.")
    return [name, *served.words(rest, given)]


def _train(words: list[str], given: Values) -> list[str]:
    chosen = run_options(given).choose()
    ranks = ranks_to_launch(given["ranks"], chosen.settings, resume=chosen.resumes)
    if ranks > 1 and given["no_door"]:
        raise InputError("The screen of several ranks needs the door of the run.", "Leave out --no-door.")
    return words


def _attach(words: list[str], given: Values) -> list[str]:
    """Choose a run of this machine once for all tabs."""
    if given["via"] or given["run"].startswith(SCHEME):
        return words
    return [*(["--watch"] if given["watch"] else []), select_live_run(given["run"]).run_dir]


def _replay(words: list[str], given: Values) -> list[str]:
    replayed_runs(given["logdirs"], given["speed"])
    return words


def _demo(words: list[str], given: Values) -> list[str]:
    demo_run()
    return words


def _browse(words: list[str], given: Values) -> list[str]:
    folder_of_runs(given["root"])
    return words


def _compare(words: list[str], given: Values) -> list[str]:
    if len(chosen_runs(given["runs"])) < 2:
        raise InputError("There is only one run to compare.", "Pass at least two run folders.")
    return words


def _draw(words: list[str], given: Values) -> list[str]:
    drawable_run(**given)
    return words


SERVED: Mapping[str, ServedCommand] = {
    "train": ServedCommand(train, _train),
    "attach": ServedCommand(attach, _attach),
    "replay": ServedCommand(replay, _replay),
    "demo": ServedCommand(demo, _demo),
    "browse": ServedCommand(browse, _browse),
    "compare": ServedCommand(compare, _compare),
    "draw": ServedCommand(draw, _draw),
}
"""All commands that can be served, by their names."""
