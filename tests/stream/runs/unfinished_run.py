"""The content of `run.json` while a run is active."""

from __future__ import annotations

import math

from jem_tui.stream.runs.run_dir import RunFile

RUN = RunFile(
    versions={"jem-tui": "0.1"},
    argv=("jem-tui", "train"),
    config={"rate": 1e-4, "limit": math.inf},
    seed=1,
    device="cpu",
    status="running",
    step=3,
    images=192,
    started=1.5,
    updated=2.5,
)
