"""`jem-tui serve`: the screen in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from jem_tui.cli.messages import say
from jem_tui.errors import InputError
from jem_tui.message_text import nearest

SERVED = ("train", "attach", "replay")
OWN = ("--port", "--tabs")
"""Options of serve itself, which the served command does not have."""


def refuse_misplaced(command: list[str]) -> None:
    """Raise InputError for an option of serve that follows the command, where it would fail in every tab."""
    for word in command:
        name = word.partition("=")[0]
        if name in OWN:
            raise InputError(f"{name} must precede {command[0]}.", f"Write jem-tui serve {name} N {command[0]} ….")


def with_chosen_run(command: list[str]) -> list[str]:
    """Return the words of attach with the folder of a run of this machine, which is chosen once for all tabs.

    Raises InputError if the run cannot be joined, and SystemExit for wrong options.
    """
    from jem_tui.cli.attach import attach
    from jem_tui.cli.remote_run import SCHEME
    from jem_tui.cli.select_live_run import select_live_run

    parser = typer.Typer(add_completion=False, rich_markup_mode=None)
    parser.command()(attach)
    with typer.main.get_command(parser).make_context("jem-tui serve attach", command[1:]) as context:
        asked = context.params
    if asked["via"] or asked["run"].startswith(SCHEME):
        return command
    return [command[0], *(["--watch"] if asked["watch"] else []), select_live_run(asked["run"]).run_dir]


def serve(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMAND...",
            help="train (default), attach or replay, followed by the arguments and options of that command.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(metavar="N", min=1, max=65535, help="Port on this machine.")] = 8000,
    tabs: Annotated[int, typer.Option(metavar="N", min=1, max=100, help="Maximum number of open tabs.")] = 4,
) -> None:
    """Show the screen in a browser on this machine. The printed link holds an access token.

    Each tab of train starts a run of its own, which ends with the tab. All tabs of attach show one run, which continues.
    """
    command = words or ["train"]
    if command[0] not in SERVED:
        raise InputError(
            f"{command[0]} cannot be served in a browser{nearest(command[0], SERVED)}.",
            f"Serve {', '.join(SERVED[:-1])} or {SERVED[-1]}.",
        )
    refuse_misplaced(command)
    if command[0] == "attach":
        command = with_chosen_run(command)
    what = "all tabs show one run" if command[0] == "attach" else "each tab runs its own process"
    from jem_tui.tui.web import server as web
    from jem_tui.tui.web.access_guard import HOST

    def announce(link: str) -> None:
        say(f"Open {link} · Ctrl-C stops the server · {what}, at most {tabs} at a time")
        say(
            f"Anyone with the link has access · from another machine, first run: ssh -L {port}:{HOST}:{port} this-machine"
        )

    web.serve(command, port, tabs, announce)
