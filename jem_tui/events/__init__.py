"""The vocabulary of a run: the events that a source emits and the commands that it accepts.

All are frozen dataclasses. `run` has the events, `commands` the commands, `recording` what only recorded runs emit, `viewing` what
only viewers of a run emit; the other modules describe, validate, sanitize and serialize events. No module here imports torch or Textual.

The names in `__all__` are public: `from jem_tui.events import Pause, StepDone`. Each is imported at its first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jem_tui.events.commands import (
        Adjust,
        Advance,
        Command,
        EvaluateNow,
        Pause,
        Reseed,
        Resume,
        RollBack,
        SampleNow,
        SaveNow,
        Seek,
        ShowPictures,
        Speed,
        Stop,
        UndoRestart,
    )
    from jem_tui.events.recording import Histogram, Picture
    from jem_tui.events.run import (
        Adjusted,
        Assessed,
        At,
        Diverged,
        Energies,
        Evaluated,
        Event,
        Loading,
        Note,
        Paused,
        RankStates,
        RealImages,
        Resumed,
        Rewound,
        RunStarted,
        Samples,
        Sampling,
        Saving,
        SpeedChanged,
        StepDone,
        Stopped,
    )

__all__ = [
    "Adjust",
    "Adjusted",
    "Advance",
    "Assessed",
    "At",
    "Command",
    "Diverged",
    "Energies",
    "EvaluateNow",
    "Evaluated",
    "Event",
    "Histogram",
    "Loading",
    "Note",
    "Pause",
    "Paused",
    "Picture",
    "RankStates",
    "RealImages",
    "Reseed",
    "Resume",
    "Resumed",
    "Rewound",
    "RollBack",
    "RunStarted",
    "SampleNow",
    "Samples",
    "Sampling",
    "SaveNow",
    "Saving",
    "Seek",
    "ShowPictures",
    "Speed",
    "SpeedChanged",
    "StepDone",
    "Stop",
    "Stopped",
    "UndoRestart",
]


# Hidden from type checkers, for which every misspelled name would otherwise exist
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Import a public name from its module. Raises AttributeError for other names."""
        if name in __all__:
            for module in ("run", "commands", "recording"):
                found = getattr(import_module(f"{__name__}.{module}"), name, None)
                if found is not None:
                    return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
