"""Ends of runs that rollbacks cannot save, and the checkpoints from which they resume."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from jem_tui.errors import DivergenceError
from jem_tui.events.commands import Stop
from jem_tui.events.run import TOTAL, XE, Diverged, Event, Note, Rewound, Samples, StepDone
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stability.snapshot import Snapshot, copied
from jem_tui.jem.stability.watchdog import Watchdog
from tests.jem.broken import NO_EXPLORER_DRAWN, broken_config, of, once, poison_chain, poison_weight, same, train
from tests.jem.runs import emitted, opener, run, small_config


def test_three_rollbacks_without_progress_end_the_run_with_a_reason(tmp_path):
    def always(trainer, event):
        if isinstance(event, StepDone) and event.step >= 10:
            poison_weight(trainer)

    _, events = train(broken_config(), tmp_path, always)
    assert [(event.from_step, event.step, event.attempt) for event in of(Rewound, events)] == [
        (10, 4, attempt) for attempt in (1, 2, 3)
    ]
    assert [event.rate_factor for event in of(Rewound, events)] == [0.5, 0.25, 0.125]
    assert [event.steps_factor for event in of(Rewound, events)] == [1.5, 2.25, 3.375]
    error = events[-1]
    assert isinstance(error, DivergenceError)
    assert error.reason == "diverged"
    assert "Training diverged at step 10" in error.message
    assert "3 rollbacks to step 4 did not help" in error.message
    assert len(of(Diverged, events)) == 4


@pytest.mark.slow
def test_progress_resets_the_tries(tmp_path):
    hooks = [once(step, poison_weight) for step in (10, 15, 20, 25, 30)]

    def command_at_some_events(trainer, event):
        for hook in hooks:
            hook(trainer, event)

    _, events = train(broken_config("stability.tries=1", max_steps=36), tmp_path, command_at_some_events)
    assert [(event.from_step, event.step, event.attempt) for event in of(Rewound, events)] == [
        (10, 4, 1),
        (15, 8, 1),
        (20, 12, 1),
        (25, 20, 1),
        (30, 24, 1),
    ]


def test_stop_ends_the_run_at_once_and_leaves_the_weights(tmp_path):
    trainer, events = train(broken_config("stability.on_divergence=stop"), tmp_path, once(11, poison_weight))
    assert isinstance(events[-1], DivergenceError)
    assert isinstance(events[-2], Diverged)
    assert (trainer.step, of(Rewound, events)) == (11, [])


def test_ignore_skips_updates_that_are_not_finite_with_one_warning(tmp_path):
    weights = {}

    def hook(trainer, event):
        poison(trainer, event)
        if isinstance(event, StepDone) and event.step in (11, 15):
            weights[event.step] = [p.clone() for p in trainer.learner.network.parameters()]

    poison = once(11, poison_weight)
    trainer, events = train(broken_config("stability.on_divergence=ignore"), tmp_path, hook)
    assert [event.step for event in of(StepDone, events)] == list(range(1, 21))
    assert trainer.step == 20
    for then, now in zip(weights[11], weights[15], strict=True):
        torch.testing.assert_close(then, now, equal_nan=True, rtol=0, atol=0)
    notes = [event.text for event in of(Note, events) if event.kind == "warning"]
    assert [text.partition(":")[0] for text in notes] == [
        "ignored",
        "ignored",
    ]  # the loss, and the health check of the weights
    assert notes[0].startswith("ignored: the loss is nan")


def test_ignore_restarts_a_broken_chain_and_continues(tmp_path):
    config = broken_config("stability.on_divergence=ignore", NO_EXPLORER_DRAWN, max_steps=40)
    trainer, events = train(config, tmp_path, once(5, poison_chain))
    assert trainer.learner.buffer.x.isfinite().all()
    spoilt = [event.step for event in of(StepDone, events) if np.isnan(event.metrics[TOTAL])]
    assert len(spoilt) == 1
    assert np.isfinite(of(StepDone, events)[-1].metrics[XE])


@pytest.mark.slow
@pytest.mark.parametrize("network", ["conv", "toy"])
def test_a_rate_a_hundred_times_too_high_recovers_or_ends_with_a_reason(network, tmp_path):
    words = ["optimizer.rate=0.15", f"network.name={network}", "network.width=8", "optimizer.warmup=0"]
    config = small_config(*words, "stability.snapshot_every=20", "sgld.steps=5", max_steps=100)
    _, events = train(config, tmp_path, lambda trainer, event: None)
    rollbacks = of(Rewound, events)
    assert rollbacks
    for before, after in pairwise(rollbacks):
        assert after.attempt == (before.attempt + 1 if after.step == before.step else 1)
        assert after.rate_factor == before.rate_factor / 2
    if isinstance(events[-1], DivergenceError):
        assert rollbacks[-1].attempt == 3
    else:
        last = of(StepDone, events)[-1]
        assert (last.step, np.isfinite(last.metrics[TOTAL])) == (100, True)
        assert last.metrics["optimizer/rate"] <= 0.075


@pytest.mark.slow
def test_a_resumed_run_keeps_recovery_factors_and_watchdog_memory(tmp_path):
    """Stop after a rollback, with attempts used and the watchdog's median half full."""
    absurd = ["optimizer.rate=0.3", "optimizer.warmup=0", "network.name=toy", "objective.hinge=0"]
    config = broken_config(*absurd, "stability.energy_limit=30", "stability.tries=20", max_steps=30)

    def stop(event, queue):
        seen.append(event)
        if isinstance(event, StepDone) and event.step == 16 and of(Rewound, seen):
            queue.put(Stop(save=True))

    seen: list[Event] = []
    straight = run(config, tmp_path / "straight")
    before = run(config, tmp_path / "parts", react=stop)
    after = run(config, tmp_path / "parts", resume=True)
    assert of(Rewound, before)
    story = [t for t in emitted(straight) if t[0] != "Note"]
    joined = [t for t in emitted(before) + emitted(after) if t[0] != "Note"]
    until = next((i for i, t in enumerate(joined) if i >= len(emitted(before)) and t[0] == "Rewound"), len(joined))
    assert len(joined[:until]) > len([t for t in emitted(before) if t[0] != "Note"])
    assert joined[:until] == story[:until]


def test_checkpoints_of_void_steps_are_replaced_by_one_of_the_good_state(tmp_path):
    config = broken_config("record.checkpoint_every=5", "record.keep_checkpoints=3")
    seen = {}

    def hook(trainer, event):
        poison(trainer, event)
        if isinstance(event, Samples) and event.step == 4:
            seen["files"] = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())

    poison = once(11, poison_weight)
    _, events = train(config, tmp_path, hook)
    assert seen["files"] == ["step_000004.pt"]
    note = events[events.index(of(Rewound, events)[0]) + 1]
    assert (note.kind, note.step) == ("checkpoint", 4)


def test_no_checkpoint_is_written_of_weights_that_are_not_finite(tmp_path):
    config = broken_config("record.checkpoint_every=5", "stability.on_divergence=stop")
    train(config, tmp_path, once(5, poison_weight))
    assert not (tmp_path / "checkpoints").exists()


def test_a_diverged_run_can_be_resumed_from_the_good_state(tmp_path):
    def always(trainer, event):
        if isinstance(event, StepDone) and event.step >= 10:
            poison_weight(trainer)

    _, events = train(broken_config("record.checkpoint_every=9"), tmp_path, always)
    assert isinstance(events[-1], DivergenceError)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step_000004.pt"]
    resumed = run(broken_config(), tmp_path, resume=True)
    assert resumed[-1].reason == "finished"
    assert [event.step for event in of(StepDone, resumed)] == list(range(5, 21))


def test_a_snapshot_can_be_restored_again_after_training_on(tmp_path):
    trainer = opener(broken_config(), tmp_path)(lambda text, fraction: None)
    recovery, stream = trainer._recovery, trainer.events()
    for event in stream:
        if isinstance(event, StepDone) and event.step == 9:
            break
    recovery.restore()
    first = copied(trainer.learner.state_dict())
    trainer.step = trainer._reported = 4
    for event in stream:
        if isinstance(event, StepDone) and event.step == 7:
            break
    assert not same(trainer.learner.state_dict(), first)
    recovery.restore()
    assert same(trainer.learner.state_dict(), first)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_training_continues_without_a_snapshot_that_does_not_fit_into_memory(tmp_path, monkeypatch, error: Exception):
    def fail(*args: object) -> Snapshot:
        raise error

    monkeypatch.setattr(Snapshot, "take", fail)
    events = run(broken_config(), tmp_path)
    assert events[-1].reason == "finished"
    (note,) = [note for note in of(Note, events) if "memory" in note.text]
    assert note.kind == "warning" and "a divergence ends the run" in note.text


def test_a_divergence_rolls_back_to_the_last_snapshot_that_fitted_into_memory(tmp_path, monkeypatch):
    take = Snapshot.take

    def first_only(step: int, learner: Learner, watchdog: Watchdog) -> Snapshot:
        if step:
            raise MemoryError
        return take(step, learner, watchdog)

    monkeypatch.setattr(Snapshot, "take", first_only)
    _, events = train(broken_config(), tmp_path, once(11, poison_weight))
    assert "rolls back to step 0" in next(note.text for note in of(Note, events) if "memory" in note.text)
    assert [(event.from_step, event.step) for event in of(Rewound, events)] == [(11, 0)]


def test_a_divergence_without_any_snapshot_ends_the_run(tmp_path, monkeypatch):
    def fail(*args: object) -> Snapshot:
        raise MemoryError

    monkeypatch.setattr(Snapshot, "take", fail)
    _, events = train(broken_config(), tmp_path, once(11, poison_weight))
    assert isinstance(events[-1], DivergenceError) and not of(Rewound, events)


def test_another_error_of_a_snapshot_is_raised(tmp_path, monkeypatch):
    def fail(*args: object) -> Snapshot:
        raise RuntimeError("shape mismatch")

    monkeypatch.setattr(Snapshot, "take", fail)
    with pytest.raises(RuntimeError, match="shape mismatch"):
        train(broken_config(), tmp_path, once(11, poison_weight))
