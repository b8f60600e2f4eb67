"""Options that repeat the code of a recorded run, without which it is not imported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from jem_tui.plugins.kinds import DATA, NETWORK
from jem_tui.plugins.trust import PluginUse

OwnNetwork = Annotated[
    list[str] | None,
    typer.Option(
        "--network",
        metavar="NAME",
        help="Network of the run if it is your own code, module:class. Only a network that is named here is imported.",
    ),
]
OwnData = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="NAME",
        help="Data set of the run if it is your own code, module:function. Only a data set that is named here is imported.",
    ),
]
OwnWords = Annotated[
    list[str] | None,
    typer.Option(
        "-s",
        "--set",
        metavar="SECTION.KEY=VALUE",
        help="Another setting of the run that names your own code, such as sgld.sampler=module:function, or an argument of its data set with a new value: data.args.NAME=VALUE.",
    ),
]


def named_plugins(networks: Iterable[str], data: Iterable[str]) -> list[PluginUse]:
    """Return the plug-ins that `--network` and `--data` name; empty names count as absent."""
    named = (*((NETWORK, name) for name in networks), *((DATA, name) for name in data))
    return [PluginUse(kind, name) for kind, name in named if name]
