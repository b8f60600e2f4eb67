"""`jem-tui serve`: the screen in a browser."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from jem_tui.config.load import nearest
from jem_tui.errors import InputError

SERVED = ("train", "replay")


def serve(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND...", help="train (default) or replay, with options of their own."),
    ] = None,
    port: Annotated[int, typer.Option(metavar="N", min=1, max=65535, help="Port on this machine.")] = 8000,
) -> None:
    """Show the screen in a browser, on this machine alone. Each tab starts the command anew; there is no login."""
    command = words or ["train"]
    if command[0] not in SERVED:
        raise InputError(
            f"{command[0]} has no screen to serve{nearest(command[0], SERVED)}.", f"Serve {' or '.join(SERVED)}."
        )
    from jem_tui.tui import serve as web

    print(
        f"jem-tui: serving at http://{web.HOST}:{port} until Ctrl-C, each tab a program of its own.\n"
        "jem-tui: there is no login: whoever can use this machine can use it. From elsewhere: ssh -L.",
        file=sys.stderr,
        flush=True,
    )
    web.serve(command, port)
