"""Training of a user's network: recorded, resumed, and ended in one sentence where its code fails."""

from __future__ import annotations

import pytest
import torch

from jem_tui.events.commands import RollBack
from jem_tui.events.run import Event, Note, Rewound, RunStarted, StepDone, Stopped
from jem_tui.jem.saved_run.load_run import open_run
from jem_tui.run_files import sorted_checkpoints
from tests.jem.model.own_networks import FailingLate, Small
from tests.jem.runs import emitted, metrics, run, small_config

OWN = "network.name=tests.jem.model.own_networks:"


def ended(events: list[Event]) -> Stopped:
    """Return the end of a run."""
    assert isinstance(events[-1], Stopped)
    return events[-1]


def test_a_resumed_run_equals_one_that_was_not_interrupted(tmp_path):
    words = (f"{OWN}Small", "network.args.width=4", "record.checkpoint_every=3", "optimizer.decay=none")
    whole = run(small_config(*words, max_steps=6), tmp_path / "whole")
    run(small_config(*words, max_steps=3), tmp_path / "parts")
    rest = run(small_config(*words, max_steps=6), tmp_path / "parts", resume=True)
    assert ended(whole).reason == ended(rest).reason == "finished", ended(rest)
    assert metrics(whole)[3:] == metrics(rest)
    started = next(event for event in whole if isinstance(event, RunStarted))
    assert started.config["network"]["args"] == {"width": 4}


def test_the_check_changes_no_random_number(tmp_path, monkeypatch):
    words = (f"{OWN}Normalised",)
    checked = run(small_config(*words, max_steps=2), tmp_path / "checked")
    monkeypatch.setattr("jem_tui.jem.trainer.make_learner.check_network", lambda *given: None)
    assert emitted(run(small_config(*words, max_steps=2), tmp_path / "unchecked")) == emitted(checked)


def test_weights_from_numpy_depend_on_the_seed_of_the_run(tmp_path):
    runs = [
        metrics(run(small_config(f"{OWN}DrawnByNumpy", f"train.seed={seed}", max_steps=1), tmp_path / str(number)))
        for number, seed in enumerate((1, 1, 2))
    ]
    assert runs[0] == runs[1] != runs[2]


def test_a_network_that_cannot_be_trained_is_refused_before_the_first_event(tmp_path):
    events = run(small_config(f"{OWN}BatchNormalised", max_steps=2), tmp_path)
    assert ended(events).reason == "refused" and "GroupNorm" in ended(events).error
    assert not any(isinstance(event, RunStarted) for event in events)


def test_code_that_fails_during_training_is_named_and_the_checkpoint_stays_usable(tmp_path, monkeypatch):
    words = (f"{OWN}FailingLate", "record.checkpoint_every=2")

    def fail_soon(event, queue) -> None:
        if isinstance(event, StepDone) and event.step == 4:
            FailingLate.left = 3

    stopped = ended(run(small_config(*words, max_steps=8), tmp_path, react=fail_soon))
    assert stopped.reason == "failed" and stopped.step == 4
    assert stopped.error.startswith(
        "The run's own code has failed: IndexError: no pass is left (tests/jem/model/own_networks.py, line"
    )
    assert "Traceback" in stopped.details and sorted_checkpoints(tmp_path)
    monkeypatch.setattr(FailingLate, "left", 10**9)
    assert ended(run(small_config(*words, max_steps=8), tmp_path, resume=True)).reason == "finished"


def test_a_precision_that_a_network_does_not_support_is_replaced_with_a_note(tmp_path):
    events = run(small_config(f"{OWN}Float32Only", "train.precision=bfloat16", max_steps=1), tmp_path)
    (note,) = [event.text for event in events if isinstance(event, Note) and "precision" in event.text]
    assert note.startswith(
        "train.precision is float32 instead of bfloat16, because the network tests.jem.model.own_networks:Float32Only does not work with it: TypeError: features must be float32 (tests"
    )
    started = next(event for event in events if isinstance(event, RunStarted))
    assert started.config["train"]["precision"] == "float32" and ended(events).reason == "finished"


def test_compiling_that_fails_is_left_out_with_a_note(tmp_path, monkeypatch):
    def refuse(*given):
        raise RuntimeError("a shape depends on values")

    monkeypatch.setattr("jem_tui.jem.learner.execution.compile_network", refuse)
    events = run(small_config(f"{OWN}Small", "train.compile=true", max_steps=1), tmp_path)
    assert ended(events).reason == "finished", ended(events)
    assert any(isinstance(event, Note) and "train.compile is false instead of true" in event.text for event in events)


def test_a_checkpoint_of_other_code_is_refused(tmp_path, monkeypatch):
    words = (f"{OWN}function", "record.checkpoint_every=2")
    run(small_config(*words, max_steps=2), tmp_path)
    monkeypatch.setattr("tests.jem.model.own_networks.function", Small)
    stopped = ended(run(small_config(*words, max_steps=4), tmp_path, resume=True))
    assert stopped.reason == "refused" and stopped.error.endswith(
        "or the code of the network tests.jem.model.own_networks:function."
    )


def test_a_network_with_frozen_shared_and_unused_weights_is_trained_and_rolled_back(tmp_path):
    words = (f"{OWN}Unusual", "record.checkpoint_every=2", "stability.snapshot_every=2")

    commands = [RollBack()]

    def roll_back(event, queue) -> None:
        if isinstance(event, StepDone) and event.step == 5 and commands:
            queue.put(commands.pop())

    events = run(small_config(*words, max_steps=8), tmp_path / "run", react=roll_back)
    assert ended(events).reason == "finished", ended(events)
    assert any(isinstance(event, Rewound) for event in events)
    opened = open_run(small_config(*words), tmp_path / "run", "cpu", lambda text, fraction: None)
    assert opened.step == 8 and int(opened.network.count) == 3


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize(("name", "changed"), [("Selecting", True), ("Small", False)])
def test_a_network_that_no_cuda_graph_can_hold_is_trained_without_one(tmp_path, name, changed):
    events = run(small_config(f"{OWN}{name}", "train.device=cuda", max_steps=3), tmp_path)
    assert ended(events).reason == "finished", ended(events)
    notes = [event.text for event in events if isinstance(event, Note) and "train.graph is off" in event.text]
    assert len(notes) == changed
    assert torch.rand(1, device="cuda").isfinite(), "a failed recording must not break the random numbers of the GPU"
