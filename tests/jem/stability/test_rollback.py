"""Rollbacks of runs with injected faults to the last good state."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from jem_tui.events.run import NRG, TOTAL, Diverged, Rewound, Samples, StepDone
from jem_tui.jem.stability.health_check import every_chain
from jem_tui.jem.stability.snapshot import copied
from tests.jem.broken import (
    NAN,
    NO_EXPLORER_DRAWN,
    broken_config,
    of,
    once,
    poison_adversarial_pass,
    poison_chain,
    poison_explorer,
    poison_weight,
    same,
    train,
)
from tests.jem.runs import emitted


def test_a_rollback_restores_the_whole_state_after_a_poisoned_weight(tmp_path):
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


def test_after_a_rollback_the_rate_is_halved_and_chains_are_longer(tmp_path):
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


def test_rollbacks_are_deterministic(tmp_path):
    first = train(broken_config(), tmp_path / "a", once(11, poison_weight))[1]
    again = train(broken_config(), tmp_path / "b", once(11, poison_weight))[1]
    assert [e for e in emitted(first) if e[0] != "Diverged"] == [e for e in emitted(again) if e[0] != "Diverged"]


def test_each_attempt_has_other_random_numbers(tmp_path):
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
def test_a_broken_chain_restarts_and_all_chains_are_finite(poison, tmp_path):
    trainer, events = train(broken_config(NO_EXPLORER_DRAWN), tmp_path, once(5, poison))
    assert len(of(Rewound, events)) == 1
    assert all(x.isfinite().all() for x in every_chain(trainer.learner))
    assert trainer.step == 20


def test_a_rollback_restarts_chains_that_are_broken_in_the_snapshot(tmp_path):
    def poison_snapshot(trainer):
        trainer._recovery._good.learner["population"]["buffer"]["x"][[7, 9], 0, 3, 3] = NAN
        poison_weight(trainer)

    trainer, events = train(broken_config(), tmp_path, once(11, poison_snapshot))
    assert 16 <= of(Rewound, events)[0].reseeded <= 18
    assert len(of(Rewound, events)) == 1
    assert trainer.learner.buffer.x.isfinite().all()


def test_a_health_check_finds_a_broken_chain_that_no_batch_draws(tmp_path):
    config = broken_config("buffer.size=5000", max_steps=9)
    _, events = train(config, tmp_path, once(5, poison_chain))
    (diverged,) = of(Diverged, events)
    assert (diverged.step, "not a finite number" in diverged.why) == (8, True)


def test_a_health_check_finds_a_broken_weight_that_the_loss_hides(tmp_path):
    def poison_average(trainer):
        next(trainer.learner.average.module.parameters()).data[0] = NAN

    trainer, events = train(broken_config(), tmp_path, once(9, poison_average))
    assert [(event.from_step, event.step) for event in of(Rewound, events)] == [(12, 4)]
    assert all(p.isfinite().all() for p in trainer.learner.evaluated.parameters())


@pytest.mark.slow
def test_chains_that_coincide_end_the_run(tmp_path):
    def collapse(trainer):
        trainer.learner.buffer.x[:] = trainer.learner.buffer.x[:1].clone()

    config = broken_config("buffer.size=200", "stability.snapshot_every=20", "buffer.reinit_prob=0", max_steps=50)
    _, events = train(config, tmp_path, once(39, collapse))
    (diverged,) = of(Diverged, events)
    assert "nearly identical" in diverged.why
    assert [(event.from_step, event.step) for event in of(Rewound, events)] == [
        (40, 0)
    ]  # The snapshot of step 20 was not proven.


def test_a_gradient_that_is_not_finite_is_seen_before_the_weights_take_it(tmp_path):
    def poison_gradients(trainer):
        first = next(iter(trainer.learner.network.parameters()))
        handle = first.register_hook(lambda gradient: (handle.remove(), gradient * NAN)[1])

    trainer, events = train(broken_config(), tmp_path, once(11, poison_gradients))
    (diverged,) = of(Diverged, events)
    assert "optimizer/gradient = nan" in diverged.why
    assert np.isfinite(diverged.numbers[TOTAL])
    assert trainer.step == 20


def test_a_gradient_of_the_adversarial_pass_that_is_not_finite_rolls_back(tmp_path):
    trainer, events = train(broken_config(), tmp_path, once(11, poison_adversarial_pass))
    (diverged,) = of(Diverged, events)
    assert "JEM/xe_adversarial = nan" in diverged.why
    assert len(of(Rewound, events)) == 1
    assert trainer.step == 20
