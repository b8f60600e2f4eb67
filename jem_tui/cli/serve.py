"""`jem-tui serve`: the screen in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from jem_tui.cli.messages import say
from jem_tui.config.load import nearest
from jem_tui.errors import InputError

SERVED = ("train", "replay")


OWN = ("--port", "--tabs")
"""Options of serve, which no command has that it serves."""


def refuse_misplaced(command: list[str]) -> None:
    """Raise InputError for an option of serve among those of the command, where every tab would fail at it."""
    for word in command:
        name = word.partition("=")[0]
        if name in OWN:
            raise InputError(f"{name} stands after {command[0]}.", f"Write jem-tui serve {name} N {command[0]} ….")


def serve(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND...", help="train (default) or replay, with options of their own."),
    ] = None,
    port: Annotated[int, typer.Option(metavar="N", min=1, max=65535, help="Port on this machine.")] = 8000,
    tabs: Annotated[int, typer.Option(metavar="N", min=1, max=100, help="Tabs that may be open at a time.")] = 4,
) -> None:
    """Show the screen in a browser, on this machine alone. Each tab starts the command anew; the printed link holds a token."""
    command = words or ["train"]
    if command[0] not in SERVED:
        raise InputError(
            f"{command[0]} has no screen to serve{nearest(command[0], SERVED)}.", f"Serve {' or '.join(SERVED)}."
        )
    refuse_misplaced(command)
    from jem_tui.tui.web import server as web
    from jem_tui.tui.web.access_guard import HOST

    def announce(link: str) -> None:
        say(f"open {link} · Ctrl-C ends it · each tab runs a program of its own, at most {tabs} at a time")
        say(
            f"whoever has the link can use it · from another machine, first run: ssh -L {port}:{HOST}:{port} this-machine"
        )

    web.serve(command, port, tabs, announce)
