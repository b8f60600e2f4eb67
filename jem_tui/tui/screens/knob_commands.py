"""Commands of the palette for the settings of a run that can be changed and have no key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.app import SystemCommand

from jem_tui.events.commands import Adjust
from jem_tui.tui.keys import COMMANDS
from jem_tui.tui.state.session import Session

WITH_KEY = frozenset(command.name for command in COMMANDS.values() if isinstance(command, Adjust))
"""Settings that a key changes."""


def knob_commands(session: Session) -> Iterator[SystemCommand]:
    """Yield two commands for each setting that can be changed now and has no key."""
    run = session.state.run
    if run is None or not session.can("adjust"):
        return
    for name in run.info.knobs:
        if name not in WITH_KEY:
            for verb, increments in (("Increase", 1), ("Decrease", -1)):
                send = partial(session.send, Adjust(name=name, increments=increments))
                yield SystemCommand(f"{verb} {name}", f"{verb} this setting of the run by one increment.", send)
