"""`jem-tui serve`: the screen in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from jem_tui.cli.messages import say
from jem_tui.cli.serving.served_command import SERVED, checked_command
from jem_tui.errors import InputError
from jem_tui.message_text import nearest

OWN = ("--port", "--tabs")
"""Options of serve itself, which the served command does not have."""


def refuse_misplaced(command: list[str]) -> None:
    """Raise InputError for an option of serve that follows the command, where it would fail in every tab."""
    for word in command:
        name = word.partition("=")[0]
        if name in OWN:
            raise InputError(f"{name} must precede {command[0]}.", f"Write jem-tui serve {name} N {command[0]} ….")


def serve(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMAND...",
            help=f"{', '.join(SERVED)} (default: train), followed by the arguments and options of that command.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(metavar="N", min=1, max=65535, help="Port on this machine.")] = 8000,
    tabs: Annotated[int, typer.Option(metavar="N", min=1, max=100, help="Maximum number of open tabs.")] = 4,
) -> None:
    """Show the screen in a browser on this machine. The printed link holds an access token.

    Each tab of train starts a run of its own, which ends with the tab. All tabs of attach show one run, which continues.
    """
    asked = words or ["train"]
    if asked[0] not in SERVED:
        raise InputError(
            f"{asked[0] or 'An empty command'} cannot be served in a browser{nearest(asked[0], SERVED)}.",
            f"Serve one of {', '.join(SERVED)}.",
        )
    refuse_misplaced(asked)
    command = checked_command(asked)
    what = "all tabs show one run" if command[0] == "attach" else "each tab runs its own process"
    from jem_tui.tui.web import server as web
    from jem_tui.tui.web.access_guard import HOST

    def announce(link: str) -> None:
        say(f"Open {link} · Ctrl-C stops the server · {what}, at most {tabs} at a time")
        say(
            f"Anyone with the link has access · from another machine, first run: ssh -L {port}:{HOST}:{port} this-machine"
        )

    web.serve(command, port, tabs, announce)
