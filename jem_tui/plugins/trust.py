"""The rule of trust: a run folder alone does not choose which code is imported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from jem_tui.errors import InputError
from jem_tui.plugins.kinds import PluginKind
from jem_tui.plugins.resolve import names_code


class PluginUse(NamedTuple):
    """A setting of a recorded run that may name a plug-in."""

    kind: PluginKind
    recorded: str
    """The name in the run folder."""
    repeated: str
    """The name that the command line gives; empty if it gives none."""


def refuse_unrepeated(uses: Iterable[PluginUse], run_dir: Path) -> None:
    """Raise InputError if a run uses code that the command line does not repeat, or if the command line names other code.

    Must come before anything of the recorded settings is resolved. Names of built-in things and of entry points need no repetition.
    """
    given = list(uses)
    for kind, recorded, repeated in given:
        if repeated and repeated != recorded:
            raise InputError(
                f"The run in {run_dir} uses the {kind.noun} {recorded}, not {repeated}.",
                f"Repeat {kind.words(recorded)}, or leave {kind.option} out."
                if names_code(recorded)
                else f"Leave {kind.option} out.",
            )
    missing = [(kind, recorded) for kind, recorded, repeated in given if names_code(recorded) and not repeated]
    if missing:
        used = " and ".join(f"the {kind.noun} {name}" for kind, name in missing)
        raise InputError(
            f"The run in {run_dir} uses {used}, which is code outside jem-tui that only the run folder names.",
            f"If you trust it, repeat {' '.join(kind.words(name) for kind, name in missing)} to run it.",
        )
