"""The watchdog's rules: each sign of divergence gives a diagnosis."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from typing import Any

import pytest
import torch

from jem_tui.config.objective import ObjectiveConfig
from jem_tui.config.stability import StabilityConfig
from jem_tui.events.run import NRG, TOTAL, XE
from jem_tui.jem.learner.objective import BatchSizes, jem_loss
from jem_tui.jem.stability.diagnosis import HEALTHY, Diagnosis
from jem_tui.jem.stability.watchdog import HealthReport, Watchdog, lag_one

WELL = HealthReport(finite=True, class_entropy=0.98, saturated=0.7, saturated_data=0.8, variety=0.9)


def step(nrg: float = 0.1, xe: float = 0.2, **others: float) -> dict[str, float]:
    energies = {"JEM/energy_data": -3.0, "JEM/energy_samples": -3.0 - nrg}
    return {TOTAL: nrg + xe, NRG: nrg, XE: xe, "sgld/steps": 5.0, **energies, **others}


def judge(dog: Watchdog, metrics: dict[str, float]) -> Diagnosis:
    return dog.judge_step(metrics[TOTAL], metrics)


def trained(steps: int = 250, **settings: Any) -> Watchdog:
    """Return a watchdog after the steps of a healthy run."""
    dog = Watchdog(replace(StabilityConfig(), **settings))
    for i in range(steps):
        assert judge(dog, step(nrg=0.1 * math.sin(i / 7), xe=0.2 + 0.05 * math.cos(i))) == HEALTHY
    return dog


def first_divergence(dog: Watchdog, metrics: dict[str, float], most: int = 100) -> tuple[int, Diagnosis] | None:
    """Return the number of steps with these metrics until a divergence, and its diagnosis; None for no divergence."""
    for count in range(1, most + 1):
        diagnosis = judge(dog, metrics)
        if diagnosis.diverged:
            return count, diagnosis
    return None


@pytest.mark.parametrize("name", [TOTAL, NRG, XE, "JEM/energy_data", "optimizer/gradient", "some/new_metric"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_diverges_at_once_and_is_named(name, value):
    diagnosis = judge(Watchdog(StabilityConfig()), step(**{name: value}))
    assert (diagnosis.level, diagnosis.kind, diagnosis.usable) == ("diverged", "loss", False)
    assert f"{name} = {value:.4g}" in diagnosis.why
    assert name in diagnosis.numbers


def test_the_loss_that_is_differentiated_counts_where_the_shown_ones_are_fine():
    dog = Watchdog(StabilityConfig())
    assert dog.judge_step(math.inf, step()).kind == "loss"
    assert dog.judge_step(-1.1e8, step()).kind == "loss"
    assert dog.judge_step(9e7, step()) == HEALTHY


@pytest.mark.parametrize(("name", "whose"), [("JEM/energy_data", "images"), ("JEM/energy_samples", "samples")])
@pytest.mark.parametrize("sign", [1, -1])
def test_energies_that_run_away_diverge_at_once(name, whose, sign):
    dog = Watchdog(StabilityConfig())
    assert judge(dog, step(**{name: sign * 999.0})) == HEALTHY
    diagnosis = judge(dog, step(**{name: sign * 1001.0}))
    assert (diagnosis.kind, diagnosis.usable) == ("energy", True)
    assert whose in diagnosis.why
    assert f"{sign * 1001}" in diagnosis.why
    assert diagnosis.numbers == {name: sign * 1001.0, "limit": 1000.0}


@pytest.mark.parametrize("sign", [1, -1])
def test_the_energy_difference_diverges_once_it_stays_beyond_its_limit(sign):
    assert first_divergence(trained(), step(nrg=sign * 49.0)) is None
    dog = trained()
    assert judge(dog, step(nrg=sign * 900.0)) == HEALTHY  # A single step is not a sign.
    count, diagnosis = first_divergence(trained(), step(nrg=sign * 80.0))
    assert (count, diagnosis.kind) == (6, "nrg")
    assert diagnosis.numbers["median"] == 80.0


def test_the_energy_difference_counts_from_the_tenth_step_of_a_run():
    count, _ = first_divergence(Watchdog(StabilityConfig()), step(nrg=80.0))
    assert count == 10


def test_cross_entropy_diverges_once_its_median_has_doubled():
    count, diagnosis = first_divergence(trained(), step(xe=0.9))
    assert (10 <= count <= 12, diagnosis.kind) == (True, "xe")
    assert diagnosis.numbers["median"] == 0.9
    assert diagnosis.numbers["median before"] == pytest.approx(0.2, abs=0.03)
    assert first_divergence(trained(xe_factor=5.0), step(xe=0.9)) is None


def test_a_small_cross_entropy_may_double():
    dog = Watchdog(StabilityConfig())
    for _ in range(300):
        judge(dog, step(xe=0.01))
    assert first_divergence(dog, step(xe=0.6)) is None


def test_the_cross_entropy_of_pretraining_does_not_set_the_limit_afterwards():
    dog = Watchdog(StabilityConfig())
    for _ in range(300):
        judge(dog, step(xe=0.05, nrg=0.0, **{"sgld/steps": 0.0}))
    assert first_divergence(dog, step(xe=1.5)) is None


def test_restarting_all_chains_suspends_the_limits():
    assert first_divergence(trained(), step(nrg=-80.0, xe=5.0)) is not None
    dog = trained()
    dog.suspend_limits(60)
    for _ in range(60):
        assert judge(dog, step(nrg=-80.0, xe=5.0)) == HEALTHY
        assert dog.judge_health(replace(WELL, class_entropy=0.0)) == []
    assert judge(dog, step(nrg=-80.0, xe=5.0)).kind == "nrg"


def test_suspended_limits_do_not_cover_values_that_are_not_finite():
    dog = trained()
    dog.suspend_limits(60)
    assert judge(dog, step(**{XE: math.nan})).diverged
    assert judge(dog, step(**{"JEM/energy_data": 1e6})).diverged
    assert dog.judge_health(replace(WELL, finite=False))[0].kind == "weights"


def test_rules_can_be_switched_off():
    dog = trained(nrg_limit=0.0, energy_limit=0.0, xe_factor=0.0)
    wild = step(nrg=1e6, xe=50.0, **{"JEM/energy_data": 1e7})
    assert first_divergence(dog, wild) is None
    assert judge(dog, step(nrg=math.nan)).diverged


def test_a_diverged_step_is_not_remembered():
    dog = trained()
    before = dog.state_dict()
    assert judge(dog, step(nrg=math.nan)).diverged
    assert dog.state_dict() == before


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"finite": False}, "weights", "not a finite number"),
        ({"class_entropy": 0.55}, "classes", "0.55"),
        ({"saturated": 0.99}, "saturation", "99.0%"),
        ({"saturated": 0.92, "saturated_data": 0.02}, "saturation", "2.0% of the images'"),
        ({"variety": 0.01}, "variety", "0.010"),
    ],
)
def test_a_health_report_shows_broken_chains(change, kind, words):
    dog = trained()
    assert dog.judge_health(WELL) == []
    (diagnosis,) = dog.judge_health(replace(WELL, **change))
    assert (diagnosis.level, diagnosis.kind) == ("diverged", kind)
    assert words in diagnosis.why


def test_noise_that_is_all_of_one_class_has_not_collapsed():
    dog = trained()
    assert dog.judge_health(replace(WELL, class_entropy=0.0)) == []
    dog.judge_health(WELL)
    assert dog.judge_health(replace(WELL, class_entropy=0.0))[0].kind == "classes"


def test_a_run_without_chains_passes_the_health_check():
    assert trained().judge_health(HealthReport(finite=True)) == []


def test_accuracy_that_falls_far_below_its_best_diverges():
    dog = trained()
    for accuracy in (0.5, 0.97, 0.8):
        dog.record_accuracy(accuracy)
        assert dog.judge_health(WELL) == []
    dog.record_accuracy(0.76)
    (diagnosis,) = dog.judge_health(WELL)
    assert diagnosis.why == "the validation accuracy fell from 97.0% to 76.0%"
    assert diagnosis.numbers == {"accuracy": 0.76, "best accuracy": 0.97}


def test_swings_from_step_to_step_give_a_warning_once_in_a_thousand_steps():
    dog, draw, warned = Watchdog(StabilityConfig()), random.Random(0), []
    for i in range(1, 2601):
        assert judge(dog, step(nrg=(-1) ** i * 0.5 + draw.gauss(0, 0.2))) == HEALTHY
        if i % 200 == 0:
            warned += [(i, diagnosis.kind, diagnosis.level) for diagnosis in dog.judge_health(WELL)]
    assert warned == [(i, "haste", "warning") for i in (200, 1200, 2200)]


def test_chains_that_fall_behind_give_a_warning_but_a_steady_distance_does_not():
    falling, steady = Watchdog(StabilityConfig()), Watchdog(StabilityConfig())
    for i in range(400):
        judge(falling, step(nrg=-i / 40))
        judge(steady, step(nrg=-8.0))
    (diagnosis,) = falling.judge_health(WELL)
    assert (diagnosis.kind, "lag behind" in diagnosis.why) == ("lag", True)
    assert steady.judge_health(WELL) == []


@pytest.mark.parametrize(("above", "kind"), [(1, "lag"), (-1, "ahead")])
def test_warnings_about_chains_follow_the_sign_of_jem_nrg_in_the_loss(above: int, kind: str):
    """Chains whose energies rise above those of images lag behind; chains far below the images are ahead."""
    dog = Watchdog(StabilityConfig())
    for i in range(400):
        images, chains = torch.full((4, 10), above * i / 10), torch.zeros(4, 10)
        terms = jem_loss(torch.cat([images, chains]), torch.zeros(4).long(), ObjectiveConfig(), BatchSizes(samples=4))
        assert (terms.energy_samples > terms.energy_data).all() == (above > 0 and i > 0)
        judge(dog, step(nrg=float(terms.metrics[NRG])))
    assert [diagnosis.kind for diagnosis in dog.judge_health(WELL)] == [kind]


def test_samples_far_below_the_images_give_a_warning():
    dog = Watchdog(StabilityConfig())
    for _ in range(200):
        judge(dog, step(nrg=30.0))
    assert [diagnosis.kind for diagnosis in dog.judge_health(WELL)] == ["ahead"]


def test_autocorrelation_against_its_definition():
    draw = random.Random(1)
    noise = [draw.gauss(0, 1) for _ in range(2000)]
    walk = [0.0]
    for shock in noise:
        walk.append(0.6 * walk[-1] + shock)
    assert lag_one(walk) == pytest.approx(0.6, abs=0.05)
    assert lag_one([1.0, -1.0] * 50) == pytest.approx(-1)
    assert lag_one([3.0] * 50) == 0


def test_a_restored_watchdog_judges_identically():
    whole, dog = trained(), trained()
    for one in (whole, dog):
        one.record_accuracy(0.9)
        one.judge_health(WELL)
    state = dog.state_dict()
    judge(dog, step(xe=0.9))  # Later steps must not change the saved state.
    resumed = Watchdog(StabilityConfig())
    resumed.load_state_dict(json.loads(json.dumps(state)))
    assert first_divergence(resumed, step(xe=0.9)) == first_divergence(whole, step(xe=0.9))
    assert resumed.state_dict() == whole.state_dict()
