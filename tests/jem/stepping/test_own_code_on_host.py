"""Runs with code of the user take their steps on the host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from jem_tui.config.load import make_config
from jem_tui.events.run import Note, Stopped
from jem_tui.jem.sampling.sampler import SamplingTask
from jem_tui.jem.stepping.device_stepper import host_notes, own_code
from tests.jem.own_code import define
from tests.jem.runs import run, small_config

SAMPLER, INIT, METRICS = "sgld.sampler=mine:move", "buffer.init=mine:start", "record.metrics=mine:look"


def still(task: SamplingTask) -> Iterator[Tensor]:
    for _ in range(task.steps):
        yield task.x


@pytest.mark.parametrize("word", [SAMPLER, INIT, METRICS])
def test_own_code_keeps_steps_on_the_host(word):
    config, device = make_config("fast", None, [word]), torch.device("cuda")
    assert own_code(config) == [word]
    assert host_notes(config, device) == [f"each step waits for the host, without a CUDA graph, because of {word}"]
    assert host_notes(config, torch.device("cpu")) == host_notes(make_config("fast"), device) == []


def test_a_graph_of_own_code_is_refused(tmp_path, monkeypatch):
    define(monkeypatch, move=still)
    events = run(small_config(SAMPLER, "train.graph=on"), tmp_path)
    assert isinstance(events[-1], Stopped)
    assert f"train.graph=on does not work with {SAMPLER}." in events[-1].error


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_a_run_on_cuda_notes_that_its_steps_are_taken_on_the_host(tmp_path, monkeypatch):
    define(
        monkeypatch,
        move=still,
        start=lambda draw: draw.images(),
        look=lambda step: {str(x.device.type): 1 for x in (step.images, step.chains, *step.gradients.values())},
    )
    events = run(small_config(SAMPLER, INIT, METRICS, "train.device=cuda", max_steps=3), tmp_path)
    (note,) = [event.text for event in events if isinstance(event, Note) and event.kind == "warning"]
    assert note.startswith("each step waits for the host") and events[-1].reason == "finished"
