"""The watchdog on recorded runs: no diagnosis on healthy runs, and a divergence once a fault is injected.

`healthy.json` holds the metrics of healthy runs of the presets. After a change of recipe, from folders of `jem-tui train`:

    python -m tests.jem.stability.test_recorded_runs RUN...
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jem_tui.config.stability import StabilityConfig
from jem_tui.events.run import NRG, TOTAL, XE, Evaluated, StepDone
from jem_tui.jem.stability.diagnosis import HEALTHY, Diagnosis
from jem_tui.jem.stability.health_report import HealthReport
from jem_tui.jem.stability.watchdog import Watchdog

RECORDED = Path(__file__).parents[1] / "healthy.json"
NAMES = (NRG, XE, "JEM/energy_data", "JEM/energy_samples")
WELL = HealthReport(finite=True, saturated=0.7, saturated_data=0.8, variety=0.9)
PRESETS = ("classic", "classifier", "fast")


def recorded_run(preset: str) -> dict:
    return json.loads(RECORDED.read_text())[preset]


def replayed(dog: Watchdog, emitted: dict[str, Any]) -> Iterator[tuple[int, Diagnosis]]:
    """Yield the diagnoses on a recorded run that are not "healthy", with their steps."""
    accuracies = dict(emitted["accuracy"])
    for i, row in enumerate(zip(*(emitted["metrics"][name] for name in NAMES), strict=True), start=1):
        metrics = {name: value for name, value in zip(NAMES, row, strict=True) if value is not None}
        metrics |= {TOTAL: metrics[NRG] + metrics[XE], "sgld/steps": emitted["sgld_steps"]}
        diagnosis = dog.judge_step(metrics[TOTAL], metrics)
        if diagnosis != HEALTHY:
            yield i, diagnosis
        if i in accuracies:
            dog.record_accuracy(accuracies[i])
        if i % 200 == 0:
            yield from ((i, found) for found in dog.judge_health(WELL))


@pytest.mark.parametrize("preset", PRESETS)
def test_healthy_runs_give_no_diagnosis(preset):
    emitted = recorded_run(preset)
    assert len(emitted["metrics"][NRG]) >= 600
    assert list(replayed(Watchdog(StabilityConfig()), emitted)) == []


@pytest.mark.parametrize("preset", PRESETS)
def test_recorded_runs_with_injected_faults_diverge(preset):
    emitted = recorded_run(preset)
    spoilt = {**emitted, "metrics": {**emitted["metrics"], XE: list(emitted["metrics"][XE])}}
    spoilt["metrics"][XE][400:] = [value + 6 for value in spoilt["metrics"][XE][400:]]
    at, diagnosis = next(iter(replayed(Watchdog(StabilityConfig()), spoilt)))
    assert (diagnosis.kind, 400 < at <= 420) == ("xe", True)


def recorded(run_dir: Path) -> tuple[str, dict]:
    """Return the preset of a run and the input of the watchdog during the run, to six significant digits."""
    from jem_tui.stream.replay.replayer import read_events
    from jem_tui.stream.runs.run_dir import read_run_file

    events = list(read_events(run_dir))
    steps = [event.metrics for event in events if isinstance(event, StepDone)]
    emitted = {name: [float(f"{m[name]:.6g}") if name in m else None for m in steps] for name in NAMES}
    accuracies = [
        (e.step, round(e.scores["accuracy"], 4)) for e in events if isinstance(e, Evaluated) and e.split != "test"
    ]
    content = {"metrics": emitted, "sgld_steps": steps[-1]["sgld/steps"], "accuracy": accuracies}
    return str(read_run_file(run_dir).config["preset"]), content


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(dict(recorded(Path(folder)) for folder in sys.argv[1:])) + "\n")
