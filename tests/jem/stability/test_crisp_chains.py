"""The rules on saturated pixels, on the shares of healthy runs and of chains that are crisper than the images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jem_tui.config.stability import StabilityConfig
from jem_tui.events.run import NRG, TOTAL, XE, Samples
from jem_tui.jem.data.datasets import mnist_mini
from jem_tui.jem.stability.diagnosis import Diagnosis
from jem_tui.jem.stability.health_report import HealthReport
from jem_tui.jem.stability.watchdog import Watchdog
from jem_tui.stream.replay.replayer import read_events

DEMO = Path(__file__).parents[3] / "results" / "demo"
DIGITS = 0.867
"""Share of saturated pixels in the digits."""
HEALTHY = {
    "one crisp report": [0.66, 0.71, 0.72, 0.84, 0.81, 0.75, 0.82, 0.84, 0.81, 0.86, 0.82, 0.905, 0.82, 0.865, 0.824],
    "slightly crisp": [
        0.63,
        0.78,
        0.83,
        0.856,
        0.868,
        0.867,
        0.87,
        0.878,
        0.88,
        0.879,
        0.883,
        0.89,
        0.894,
        0.887,
        0.887,
    ],
}
"""Shares of chains in the health checks of two runs of preset fast on 5,000 digits."""


def judged(shares: list[float], own: float = DIGITS, config: StabilityConfig | None = None) -> list[Diagnosis]:
    """Return what a watchdog says on the health reports of a run with these shares, 200 steps apart."""
    dog = Watchdog(config or StabilityConfig())
    found: list[Diagnosis] = []
    for share in shares:
        for _ in range(200):
            dog.judge_step(0.3, {TOTAL: 0.3, NRG: 0.1, XE: 0.2, "sgld/steps": 5.0})
        found += dog.judge_health(HealthReport(finite=True, saturated=share, saturated_data=own, variety=0.9))
    return found


@pytest.mark.parametrize("shares", HEALTHY.values(), ids=list(HEALTHY))
def test_healthy_runs_give_no_diagnosis(shares):
    assert judged(shares) == []


def test_the_recorded_run_of_the_repository_gives_no_diagnosis():
    def saturated(images: np.ndarray) -> float:
        return float(((images <= 2) | (images >= 253)).mean())

    grids = {e.step // 200: saturated(e.tiles) for e in read_events(DEMO) if isinstance(e, Samples)}
    assert len(grids) >= 10
    assert judged(list(grids.values()), saturated(mnist_mini().train.images)) == []


@pytest.mark.parametrize(("share", "own"), [(0.90, DIGITS), (0.92, DIGITS), (0.3, 0.02)])
def test_chains_that_stay_crisper_than_the_images_give_a_warning(share, own):
    (found,) = judged([own] * 5 + [share] * 5, own)
    assert (found.level, found.kind) == ("warning", "crisp")
    assert found.numbers["excess"] == pytest.approx((share - own) / (1 - own))
    assert judged([own] * 5 + [share] * 5, own, replace(StabilityConfig(), crispness=1)) == []


@pytest.mark.parametrize(("share", "own"), [(0.97, DIGITS), (0.75, 0.02)])
def test_a_gross_excess_is_a_divergence_at_once(share, own):
    *_, found = judged([own, share], own)
    assert (found.level, found.kind) == ("diverged", "saturation")


def test_the_memory_of_the_excess_is_saved_and_old_states_load_without_it():
    one, other = Watchdog(StabilityConfig()), Watchdog(StabilityConfig())
    one.judge_health(HealthReport(finite=True, saturated=0.9, saturated_data=DIGITS, variety=0.9))
    state = one.state_dict()
    other.load_state_dict(state)
    assert other.state_dict() == state
    other.load_state_dict({name: value for name, value in state.items() if name != "excess"})
    assert other.state_dict()["excess"] == []
