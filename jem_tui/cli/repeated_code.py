"""Options that repeat the code of a recorded run, without which it is not imported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from jem_tui.plugins.kinds import DATA, NETWORK
from jem_tui.plugins.trust import PluginUse

OwnNetwork = Annotated[
    list[str] | None,
    typer.Option("--network", metavar="NAME", help="Repeat the run's own network, module:class, to import it."),
]
OwnData = Annotated[
    list[str] | None,
    typer.Option("--data", metavar="NAME", help="Repeat the run's own data, module:function, to import it."),
]
OwnWords = Annotated[
    list[str] | None,
    typer.Option(
        "-s",
        "--set",
        metavar="SECTION.KEY=VALUE",
        help="Repeat another setting that names code, or change an argument of own data: -s data.args.root=DIR.",
    ),
]


def named_plugins(networks: Iterable[str], data: Iterable[str]) -> list[PluginUse]:
    """Return the plug-ins that `--network` and `--data` name; empty names count as absent."""
    named = (*((NETWORK, name) for name in networks), *((DATA, name) for name in data))
    return [PluginUse(kind, name) for kind, name in named if name]
