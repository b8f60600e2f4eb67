"""Diagnostics of the sampler: their numbers, where they are measured, and that they change nothing else."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from jem_tui.events.run import Event, StepDone
from jem_tui.events.sampler_texts import SAMPLER_DIAGNOSTICS
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stability.sampler_diagnostics import (
    CHAINS,
    VISITS,
    StepFigures,
    autocorrelation,
    diagnose_sampler,
    has_own_code,
    is_diagnosed,
    of_energies,
    visited_energies,
)
from tests.jem.broken import broken_config
from tests.jem.runs import metrics, run
from tests.jem.stepping.steps import SPECTRAL_NORM, learner_of


def energies_of(learner: Learner) -> torch.Tensor:
    figures = StepFigures(config=learner.sgld, rows=CHAINS)
    return torch.stack([each.detach() for each in visited_energies(learner, 12, figures)], 1)


def test_the_diagnostics_of_energies_are_those_of_arviz(tmp_path):
    stats = pytest.importorskip("arviz_stats.base").array_stats
    values = energies_of(learner_of(tmp_path)).double()
    assert values.shape == (2 * CHAINS, VISITS)
    found = of_energies(values[None])
    assert found["sgld/rhat"] == pytest.approx(float(stats.rhat(values.numpy(), 0, 1)), rel=1e-6)
    relative = float(stats.ess(values[:CHAINS].numpy(), 0, 1, method="bulk", relative=True))
    assert found["sgld/ess_bulk"] == pytest.approx(relative, rel=1e-6)
    first = [float(stats.autocorr(row.numpy())[1]) for row in values[:CHAINS]]
    assert found["sgld/autocorrelation"] == pytest.approx(sum(first) / CHAINS, rel=1e-6)


def test_the_figures_of_steps_are_those_of_a_direct_computation(tmp_path):
    learner = learner_of(tmp_path, "sgld.grad_clamp=0.001", "sgld.noise_scale=0.02", "sgld.step_size=3")
    figures = StepFigures(config=learner.sgld, rows=2)
    gradient = torch.tensor([0.0005, 0.01]).repeat(2, 1, 14, 28).view(2, 1, 28, 28)
    figures.observe(torch.cat([gradient, 100 + gradient]))
    wanted = 3 * math.sqrt(28 * 14 * (0.0005**2 + 0.001**2)) / (0.02 * 28)
    before, after = torch.zeros(3, 1, 28, 28), torch.zeros(3, 1, 28, 28)
    after[0, 0, 0, :7], after[1, 0, 0, :14], after[2] = 1, 0.002, -1
    figures.compare(before, after)
    named = {tag: float(value) for tag, value in figures.named().items()}
    assert named["sgld/gradient_over_noise"] == pytest.approx(wanted, rel=1e-4)
    assert named["sgld/clipped"] == pytest.approx(7 / (2 * 784))
    assert named["sgld/moved"] == pytest.approx(7 / (2 * 784)), "0.002 is less than a grey level"


def test_the_autocorrelation_of_chains_is_about_that_of_their_process():
    noise = torch.randn(4, 5000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x, states = noise[:, 0], []
    for step in noise.unbind(1):
        x = 0.8 * x + step
        states.append(x)
    assert autocorrelation(torch.stack(states, 1)) == pytest.approx(0.8, abs=0.03)
    assert math.isnan(autocorrelation(torch.ones(2, 9)))


@pytest.mark.parametrize(
    "words",
    [
        (SPECTRAL_NORM,),
        ("sgld.sampler=mala",),
        ("sgld.sampler=tempered",),
        ("sgld.sampler=underdamped",),
        ("sgld.conditional=true", "sgld.guidance=1", "buffer.init=mixture"),
        ("sgld.noise_scale=0", "sgld.clip=false"),
    ],
    ids=lambda words: words[0],
)
def test_diagnosing_repeats_its_numbers_and_changes_no_state(tmp_path, words):
    learner = learner_of(tmp_path, "train.graph=off", *words)
    before, common = learner.state_dict(), torch.get_rng_state()
    found = diagnose_sampler(learner, 12)
    assert found == diagnose_sampler(learner, 12)
    assert found.keys() <= SAMPLER_DIAGNOSTICS.keys()
    assert ("sgld/gradient_over_noise" in found) == ("sgld/clipped" in found) == (words[0] != "sgld.noise_scale=0")
    after = learner.state_dict()
    for part in ("network", "generators"):
        assert all(torch.equal(after[part][name], value) for name, value in before[part].items())
    assert torch.equal(after["population"]["buffer"]["x"], before["population"]["buffer"]["x"])
    assert torch.equal(torch.get_rng_state(), common)


def diagnosed_steps(events: list[Event]) -> list[int]:
    return [event.step for event in events if isinstance(event, StepDone) and "sgld/rhat" in event.metrics]


def test_a_run_has_the_same_numbers_with_and_without_diagnostics(tmp_path, monkeypatch):
    with_them = run(broken_config(max_steps=14), tmp_path / "with")
    assert diagnosed_steps(with_them) == [13]
    monkeypatch.setattr("jem_tui.jem.stability.check_metrics.is_diagnosed", lambda learner, step: False)
    without = metrics(run(broken_config(max_steps=14), tmp_path / "without"))
    kept = [{tag: v for tag, v in step.items() if tag not in SAMPLER_DIAGNOSTICS} for step in metrics(with_them)]
    assert kept == without


def test_code_of_the_user_and_steps_without_chains_are_not_diagnosed(tmp_path):
    learner = learner_of(tmp_path, "stability.snapshot_every=4")
    assert [step for step in range(1, 30) if is_diagnosed(learner, step)] == [12, 24]
    for section, name, value in (("sgld", "sampler", "mine:move"), ("buffer", "init", "mine:start")):
        changed = replace(getattr(learner.config, section), **{name: value})
        assert has_own_code(replace(learner.config, **{section: changed}))
    assert not has_own_code(learner.config)
    without_chains = learner_of(
        tmp_path / "classifier", "stability.snapshot_every=4", "sgld.steps=0", "buffer.explorers=0"
    )
    assert not is_diagnosed(without_chains, 12)
