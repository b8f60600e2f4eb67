"""The rule of trust: a run folder alone does not choose which code is imported."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from jem_tui.errors import InputError
from jem_tui.plugins.kinds import PluginKind
from jem_tui.plugins.resolve import names_code
from jem_tui.printable import joined


class PluginUse(NamedTuple):
    """A name of a kind of plug-in, as a run folder records it or as the command line repeats it."""

    kind: PluginKind
    name: str


def refuse_unrepeated(
    recorded: Iterable[PluginUse], repeated: Collection[PluginUse], run_dir: Path, *, train: bool = False
) -> None:
    """Raise InputError if a run folder names code that the command line does not repeat.

    Comes before anything that the run folder names is resolved. Built-in names and entry points need no repetition.
    The message has the options of the command `train`, or those of all commands.
    """
    missing = [use for use in recorded if names_code(use.name) and use not in repeated]
    if missing:
        used = joined([f"the {kind.noun} {name}" for kind, name in missing])
        raise InputError(
            f"The run in {run_dir} uses {used}, which is code outside jem-tui that only the run folder names.",
            f"If you trust it, repeat {' '.join(kind.words(name, train=train) for kind, name in missing)} to run it.",
        )


def refuse_others(recorded: Collection[PluginUse], repeated: Iterable[PluginUse]) -> None:
    """Raise InputError if the command line names a plug-in that no run uses."""
    for use in repeated:
        if use not in recorded:
            names = dict.fromkeys(name for kind, name in recorded if kind == use.kind)
            raise InputError(
                f"The run uses the {use.kind.noun} {' or '.join(names)}, not {use.name}.",
                "A recorded run keeps its code: repeat its name, or leave the option out.",
            )
