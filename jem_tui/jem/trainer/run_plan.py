"""The decisions of rank 0 for all ranks before they join: settings, run folder, and whether the run resumes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jem_tui.config.recorded_plugins import recorded_settings
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.json_values import plain, restored


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """The arguments of `open_trainer` that are equal on all ranks, and a file that all of them must see."""

    config: RunConfig
    run_dir: Path
    resume: bool
    known: Mapping[str, Any] | None
    """The recorded figures on the data of a resumed run."""
    shared_file: Path
    """A file that rank 0 has created in the run folder, or in the nearest folder above it that exists."""

    def to_json(self) -> str:
        """Return the plan as text."""
        names = {"run_dir": str(self.run_dir), "shared_file": str(self.shared_file)}
        values = {"config": asdict(self.config), "resume": self.resume, "known": self.known}
        return json.dumps(plain({**names, **values}))


def parse_plan(text: str) -> RunPlan:
    """Return the plan that rank 0 has written. Raises InputError if it comes from another version of the program."""
    try:
        content = restored(json.loads(text))
        known = content["known"]
        return RunPlan(
            config=recorded_settings(content["config"], "the plan of rank 0"),
            run_dir=Path(content["run_dir"]),
            resume=content["resume"] is True,
            known=known if isinstance(known, dict) else None,
            shared_file=Path(content["shared_file"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"The plan of rank 0 cannot be read: {error}.", "Use the same version of jem-tui on all machines."
        ) from error
