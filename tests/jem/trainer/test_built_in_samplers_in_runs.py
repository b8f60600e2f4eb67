"""Runs with each built-in sampler: their metrics, their resumption, and the stepper that takes their steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from jem_tui.config.load import make_config
from jem_tui.config.schema import RunConfig
from jem_tui.events.run import StepDone, Stopped
from jem_tui.jem.stepping.device_stepper import host_notes
from tests.jem.runs import metrics, run, small_config


def steps_of(config: RunConfig, folder: Path) -> list[dict[str, float]]:
    events = run(config, folder)
    assert isinstance(events[-1], Stopped) and events[-1].reason == "finished", events[-1]
    return [event.metrics for event in events if isinstance(event, StepDone)]


@pytest.mark.parametrize("sampler", ["mala", "underdamped", "tempered"])
def test_a_run_logs_the_acceptance_of_samplers_that_propose(sampler, tmp_path):
    steps = steps_of(small_config(f"sgld.sampler={sampler}", "sgld.noise_scale=0.05", max_steps=6), tmp_path)
    accepted = [step.get("sgld/acceptance") for step in steps]
    assert np.isfinite([step["JEM/total"] for step in steps]).all()
    assert np.isfinite([step["sgld/gradient"] for step in steps]).all()
    if sampler == "underdamped":
        assert accepted == [None] * 6
    else:
        assert all(value is not None and 0 <= value <= 1 for value in accepted)
        assert len(set(accepted)) > 1


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["mala", "underdamped", "tempered"])
def test_a_resumed_run_continues_the_chains_of_its_sampler(sampler, tmp_path):
    words = (f"sgld.sampler={sampler}", "sgld.noise_scale=0.05", "sgld.conditional=true", "sgld.guidance=1")
    words = (*words, "record.samples_every=50", "record.evaluate_every=50", "optimizer.decay=none")
    straight = metrics(run(small_config(*words, max_steps=6), tmp_path / "straight"))
    first = metrics(run(small_config(*words, max_steps=3), tmp_path / "parts"))
    rest = metrics(run(small_config(*words, max_steps=6), tmp_path / "parts", resume=True))
    assert first + rest == straight


def test_guided_chains_of_classes_differ_from_unguided_ones(tmp_path):
    words, found = ("sgld.conditional=true",), []
    for number, guidance in enumerate((0, 5, 5)):
        config = small_config(*words, f"sgld.guidance={guidance}", max_steps=3)
        found.append([step["JEM/total"] for step in steps_of(config, tmp_path / str(number))])
    assert found[0] != found[1] == found[2]


@pytest.mark.parametrize("word", ["sgld.guidance=1", "sgld.sampler=mala"])
def test_settings_without_a_meaning_end_a_run_before_its_first_step(word, tmp_path):
    events = run(small_config(word, "sgld.noise_scale=0"), tmp_path)
    assert isinstance(events[-1], Stopped) and events[-1].reason == "refused"
    assert word.partition("=")[0] in events[-1].error
    assert not any(isinstance(event, StepDone) for event in events)


def test_samplers_other_than_sgld_take_their_steps_on_the_host(tmp_path):
    config = make_config("fast", None, ["sgld.sampler=mala"])
    assert host_notes(config, torch.device("cuda")) == [
        "each step waits for the host, without a CUDA graph, because of sgld.sampler=mala"
    ]
    events = run(small_config("sgld.sampler=mala", "train.graph=on"), tmp_path)
    assert "train.graph=on does not work with sgld.sampler=mala." in events[-1].error
