"""Runs that are broken on purpose find back to the last good state, or end with a reason."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch

from jem_tui.errors import DivergenceError
from jem_tui.events import NRG, TOTAL, XE, Diverged, Event, Note, Rewound, Samples, StepDone, Stop
from jem_tui.jem.condition import every_chain
from jem_tui.jem.snapshot import copied
from jem_tui.jem.trainer import Trainer
from tests.jem.runs import opener, run, small_config, told

NAN = float("nan")
Hook = Callable[[Trainer, Event], None]


def broken_config(*words: str, max_steps: int = 20):
    return small_config("stability.snapshot_every=4", *words, max_steps=max_steps)


def train(config, run_dir, hook: Hook) -> tuple[Trainer, list[Event]]:
    """A run into which `hook` reaches after every event; a DivergenceError is its last entry."""
    trainer = opener(config, run_dir)(lambda text, fraction: None)
    events: list = []
    try:
        for event in trainer.events():
            events.append(event)
            hook(trainer, event)
    except DivergenceError as error:
        events.append(error)
    return trainer, events


def once(step: int, deed: Callable[[Trainer], None]) -> Hook:
    """Do `deed` after the first `StepDone` of `step`."""
    done = []

    def hook(trainer: Trainer, event: Event) -> None:
        if isinstance(event, StepDone) and event.step == step and not done:
            done.append(step)
            deed(trainer)

    return hook


@torch.no_grad()
def poison_weight(trainer: Trainer) -> None:
    next(iter(trainer.learner.network.parameters()))[0] = NAN


def poison_chain(trainer: Trainer) -> None:
    trainer.learner.buffer.x[7, 0, 3, 3] = NAN


def poison_explorer(trainer: Trainer) -> None:
    trainer.learner.population.explorers.x[3, 0, 3, 3] = NAN


def of(kind, events) -> list:
    return [event for event in events if isinstance(event, kind)]


def same(a, b) -> bool:
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def test_a_poisoned_weight_is_undone_and_everything_is_as_it_was(tmp_path):
    states = {}

    def hook(trainer, event):
        if isinstance(event, StepDone):
            states.setdefault(event.step, copied(trainer.state_dict()))
        if isinstance(event, Diverged):
            states["back"] = copied(trainer.state_dict())
        once_poison(trainer, event)

    once_poison = once(11, poison_weight)
    trainer, events = train(broken_config(), tmp_path, hook)
    (diverged,), (rewound,) = of(Diverged, events), of(Rewound, events)
    assert (diverged.step, np.isnan(diverged.numbers[TOTAL])) == (11, True)
    assert (rewound.step, rewound.images, rewound.from_step) == (4, 64, 11)
    assert (rewound.attempt, rewound.attempts, rewound.rate_factor, rewound.steps_factor) == (1, 3, 0.5, 1.5)
    assert events.index(rewound) == events.index(diverged) + 1
    then, now = states[4]["learner"], states["back"]["learner"]
    assert states["back"]["step"] == 4
    for part in ("network", "average", "optimizer", "batches"):
        assert same(now[part], then[part]), part
    restarted = 0
    for chains, before in ((now["population"][name], then["population"][name]) for name in ("buffer", "explorers")):
        kept = chains["reseeds"] == before["reseeds"]
        restarted += int((~kept).sum())
        for field in ("x", "age", "far_visits"):
            assert torch.equal(chains[field][kept], before[field][kept])
    assert restarted == rewound.reseeded == 16
    assert now["caution"] == {"rate": 0.5, "steps": 1.5}
    assert not any(torch.equal(now["generators"][name], then["generators"][name]) for name in now["generators"])
    assert trainer.step == 20


def test_a_run_goes_on_from_there_at_half_the_rate_with_longer_chains(tmp_path):
    _, events = train(broken_config("optimizer.decay=none"), tmp_path, once(11, poison_weight))
    steps = [event.step for event in of(StepDone, events)]
    assert steps == [*range(1, 12), *range(5, 21)]
    rates = [event.metrics["optimizer/rate"] for event in of(StepDone, events)]
    assert rates[:11] == pytest.approx([1.5e-3 * min(1, n / 5) for n in range(1, 12)])
    assert rates[11:] == pytest.approx([0.75e-3] * 16)
    assert [event.metrics["sgld/steps"] for event in of(StepDone, events)] == [2] * 11 + [3] * 16
    assert all(np.isfinite(list(event.metrics.values())).all() for event in of(StepDone, events))
    picture = events[events.index(of(Rewound, events)[0]) + 1]
    assert isinstance(picture, Samples)
    assert (picture.step, picture.requested) == (4, False)


def test_going_back_is_as_deterministic_as_the_run(tmp_path):
    first = train(broken_config(), tmp_path / "a", once(11, poison_weight))[1]
    again = train(broken_config(), tmp_path / "b", once(11, poison_weight))[1]
    assert [e for e in told(first) if e[0] != "Diverged"] == [e for e in told(again) if e[0] != "Diverged"]


def test_new_random_numbers_make_the_next_attempt_another_one(tmp_path):
    config = broken_config("stability.rate_cut=1", "stability.steps_factor=1")
    _, events = train(config, tmp_path, once(11, poison_weight))
    steps = of(StepDone, events)
    before, after = steps[4], steps[11]
    assert before.step == after.step == 5
    assert before.metrics[NRG] != after.metrics[NRG]


def test_before_the_first_snapshot_the_beginning_is_the_good_state(tmp_path):
    _, events = train(broken_config(), tmp_path, once(3, poison_weight))
    assert [event.step for event in of(Rewound, events)] == [0]
    assert [event.step for event in of(StepDone, events)] == [*range(1, 4), *range(1, 21)]


def test_a_snapshot_is_good_only_once_the_next_one_is_due(tmp_path):
    early = train(broken_config(), tmp_path / "a", once(7, poison_weight))[1]
    late = train(broken_config(), tmp_path / "b", once(9, poison_weight))[1]
    assert [event.step for event in of(Rewound, early)] == [0]
    assert [event.step for event in of(Rewound, late)] == [4]


@pytest.mark.parametrize("poison", [poison_chain, poison_explorer])
def test_a_broken_chain_is_restarted_and_the_chains_are_whole_again(poison, tmp_path):
    trainer, events = train(broken_config(), tmp_path, once(5, poison))
    assert len(of(Rewound, events)) == 1
    assert all(x.isfinite().all() for x in every_chain(trainer.learner))
    assert trainer.step == 20


def test_a_chain_that_is_broken_in_the_good_state_too_is_restarted(tmp_path):
    def poison_snapshot(trainer):
        trainer._recovery._good.learner["population"]["buffer"]["x"][[7, 9], 0, 3, 3] = NAN
        poison_weight(trainer)

    trainer, events = train(broken_config(), tmp_path, once(11, poison_snapshot))
    assert 16 <= of(Rewound, events)[0].reseeded <= 18
    assert len(of(Rewound, events)) == 1
    assert trainer.learner.buffer.x.isfinite().all()


def test_a_broken_chain_that_nobody_draws_is_found_by_the_next_look(tmp_path):
    config = broken_config("buffer.size=5000", max_steps=9)
    _, events = train(config, tmp_path, once(5, poison_chain))
    (diverged,) = of(Diverged, events)
    assert (diverged.step, "not a finite number" in diverged.why) == (8, True)


def test_a_broken_weight_that_the_loss_does_not_show_is_found_by_the_next_look(tmp_path):
    def poison_average(trainer):
        next(trainer.learner.average.module.parameters()).data[0] = NAN

    trainer, events = train(broken_config(), tmp_path, once(9, poison_average))
    assert [(event.from_step, event.step) for event in of(Rewound, events)] == [(12, 4)]
    assert all(p.isfinite().all() for p in trainer.learner.evaluated.parameters())


def test_chains_that_are_all_alike_are_seen_and_given_up(tmp_path):
    def collapse(trainer):
        trainer.learner.buffer.x[:] = trainer.learner.buffer.x[:1].clone()

    config = broken_config("buffer.size=200", "stability.snapshot_every=20", "buffer.reinit_prob=0", max_steps=50)
    _, events = train(config, tmp_path, once(39, collapse))
    (diverged,) = of(Diverged, events)
    assert "nearly alike" in diverged.why
    assert [(event.from_step, event.step) for event in of(Rewound, events)] == [(40, 0)]  # 20 had yet to prove itself


def test_a_gradient_that_is_not_finite_is_seen_before_the_weights_take_it(tmp_path):
    def poison_gradients(trainer):
        first = next(iter(trainer.learner.network.parameters()))
        handle = first.register_hook(lambda gradient: (handle.remove(), gradient * NAN)[1])

    trainer, events = train(broken_config(), tmp_path, once(11, poison_gradients))
    (diverged,) = of(Diverged, events)
    assert "optimizer/gradient = nan" in diverged.why
    assert np.isfinite(diverged.numbers[TOTAL])
    assert trainer.step == 20


def test_three_returns_without_progress_end_the_run_with_a_reason(tmp_path):
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
    assert "3 returns to step 4 did not help" in error.message
    assert len(of(Diverged, events)) == 4


def test_progress_gives_the_tries_back(tmp_path):
    hooks = [once(step, poison_weight) for step in (10, 15, 20, 25, 30)]

    def now_and_then(trainer, event):
        for hook in hooks:
            hook(trainer, event)

    _, events = train(broken_config("stability.tries=1", max_steps=36), tmp_path, now_and_then)
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


def test_ignore_skips_what_is_not_finite_and_says_so_once(tmp_path):
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
    assert [text.partition(":")[0] for text in notes] == ["ignored", "ignored"]  # the loss, and the look at the weights
    assert notes[0].startswith("ignored: the loss is nan")


def test_ignore_restarts_a_broken_chain_and_learns_on(tmp_path):
    config = broken_config("stability.on_divergence=ignore", max_steps=40)
    trainer, events = train(config, tmp_path, once(5, poison_chain))
    assert trainer.learner.buffer.x.isfinite().all()
    spoilt = [event.step for event in of(StepDone, events) if np.isnan(event.metrics[TOTAL])]
    assert len(spoilt) == 1
    assert np.isfinite(of(StepDone, events)[-1].metrics[XE])


@pytest.mark.parametrize("network", [pytest.param("conv", marks=pytest.mark.slow), "toy"])
def test_a_rate_a_hundred_times_too_high_is_survived_or_explained(network, tmp_path):
    words = ["optimizer.rate=0.15", f"network.name={network}", "network.width=8", "optimizer.warmup=0"]
    config = small_config(*words, "stability.snapshot_every=20", "sgld.steps=5", max_steps=150)
    _, events = train(config, tmp_path, lambda trainer, event: None)
    rewinds = of(Rewound, events)
    assert rewinds
    for before, after in pairwise(rewinds):
        assert after.attempt == (before.attempt + 1 if after.step == before.step else 1)
        assert after.rate_factor == before.rate_factor / 2
    if isinstance(events[-1], DivergenceError):
        assert rewinds[-1].attempt == 3
    else:
        last = of(StepDone, events)[-1]
        assert (last.step, np.isfinite(last.metrics[TOTAL])) == (150, True)
        assert last.metrics["optimizer/rate"] <= 0.075


def test_a_resumed_run_keeps_its_caution_and_its_memory(tmp_path):
    """Stopped after a return, with tries used up and the watchdog's median half full."""
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
    story = [t for t in told(straight) if t[0] != "Note"]
    joined = [t for t in told(before) + told(after) if t[0] != "Note"]
    until = next((i for i, t in enumerate(joined) if i >= len(told(before)) and t[0] == "Rewound"), len(joined))
    assert len(joined[:until]) > len([t for t in told(before) if t[0] != "Note"])
    assert joined[:until] == story[:until]


def test_checkpoints_of_void_steps_give_way_to_one_of_the_good_state(tmp_path):
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


def test_what_is_given_up_can_be_resumed_from_the_good_state(tmp_path):
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
