"""Restarts of chains by command, and their undoing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from jem_tui.events.commands import Command, Reseed, RollBack, SaveNow, UndoRestart
from jem_tui.events.run import Event, Note, Samples, StepDone, Wait
from jem_tui.jem.trainer import held_chains
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.jem.trainer.trainer import Trainer
from tests.jem.runs import emitted, metrics, run, small_config


def paused_trainer(folder: Path, step: int = 3) -> tuple[Trainer, Iterator[Event | Wait]]:
    """Return a trainer after some steps, and its events."""
    trainer = open_trainer(small_config(), folder, False, lambda text, fraction: None)
    assert isinstance(trainer, Trainer)
    events = trainer.events()
    advance(events, step)
    return trainer, events


def advance(events: Iterator[Event | Wait], step: int) -> None:
    """Pull the events up to those of a step."""
    while not (isinstance(event := next(events), StepDone) and event.step == step):
        pass


def apply(trainer: Trainer, command: Command) -> Note:
    """Apply a command, and return its note."""
    return next(event for event in trainer.apply(command) if isinstance(event, Note))


def chains(trainer: Trainer) -> tuple[Tensor, Tensor]:
    """Return a copy of the complete state of all chains."""
    pool = trainer.learner.chain_pool
    return pool._chains.x[: pool._last].clone(), pool._chains.facts[: pool._last].clone()


def equal(one: Iterable[Tensor], other: Iterable[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_an_undo_right_after_a_restart_gives_back_equal_chains(tmp_path):
    trainer, _ = paused_trainer(tmp_path)
    before, stream = chains(trainer), trainer.learner.generators.chains.get_state()
    for command in (Reseed(), Reseed(worst=3), Reseed(fraction=0.5), Reseed(chains=(1, 2))):
        assert apply(trainer, command).text.startswith("restarted")
        assert not equal(chains(trainer), before)
        note = apply(trainer, UndoRestart())
        assert note.kind == "reseed" and note.text.startswith("undid the restart of") and "of step 3" in note.text
        assert equal(chains(trainer), before)
        assert torch.equal(trainer.learner.generators.chains.get_state(), stream)


def test_a_run_with_an_undone_restart_is_equal_to_one_without(tmp_path, straight):
    def react(event, queue):
        if isinstance(event, StepDone) and event.step == 5:
            queue.put(Reseed())
            queue.put(UndoRestart())

    events = run(small_config(), tmp_path, react=react)
    assert [note.kind for note in events if isinstance(note, Note) and note.step == 5] == ["reseed", "reseed"]
    kept = [event for event in events if not (isinstance(event, Note) and event.kind == "reseed")]
    assert metrics(events) == metrics(straight) and emitted(kept) == emitted(straight)


def test_samples_follow_an_undo(tmp_path):
    trainer, _ = paused_trainer(tmp_path)
    apply(trainer, Reseed())
    found = [event for event in trainer.apply(UndoRestart()) if isinstance(event, Samples)]
    assert len(found) == 1 and found[0].requested


def test_later_steps_keep_the_states_of_other_chains(tmp_path):
    trainer, events = paused_trainer(tmp_path)
    (before, _), pool = chains(trainer), trainer.learner.chain_pool
    apply(trainer, Reseed(chains=(0,)))
    advance(events, 6)
    moved = pool._chains.x.clone()
    apply(trainer, UndoRestart())
    assert torch.equal(pool._chains.x[0], before[0]) and torch.equal(pool._chains.x[1:], moved[1:])


def test_only_the_last_restart_is_undone_and_only_once(tmp_path):
    trainer, _ = paused_trainer(tmp_path)
    apply(trainer, Reseed(chains=(0,)))
    between = chains(trainer)
    apply(trainer, Reseed())
    apply(trainer, UndoRestart())
    assert equal(chains(trainer), between)
    assert apply(trainer, UndoRestart()).text.startswith("there is no restart to undo")
    assert equal(chains(trainer), between)


def test_chains_are_released_after_some_steps_and_after_a_rollback(tmp_path, monkeypatch):
    monkeypatch.setattr(held_chains, "UNDO_STEPS", 2)
    trainer, events = paused_trainer(tmp_path)
    undo = trainer._command_handlers._undo
    apply(trainer, Reseed())
    advance(events, 5)
    assert undo._held is not None
    advance(events, 7)
    assert undo._held is None
    list(trainer.apply(SaveNow()))
    apply(trainer, Reseed())
    list(trainer.apply(RollBack()))
    assert apply(trainer, UndoRestart()).kind == "warning"


def test_a_restart_without_memory_for_an_undo_happens_and_says_so(tmp_path, monkeypatch):
    trainer, _ = paused_trainer(tmp_path)
    before = chains(trainer)

    def full(slots):
        raise MemoryError

    monkeypatch.setattr(trainer.learner.chain_pool, "copies", full)
    assert apply(trainer, Reseed()).text.endswith("there is not enough memory to undo this")
    assert not equal(chains(trainer), before)
    assert apply(trainer, UndoRestart()).kind == "warning"


def test_an_undo_at_a_later_step_applies_all_limits_again(tmp_path):
    trainer, events = paused_trainer(tmp_path)
    watchdog = trainer._recovery.watchdog
    state = watchdog.state_dict() | {"armed": True, "best_accuracy": 0.9, "excess": [0.1]}
    watchdog.load_state_dict(state)
    apply(trainer, Reseed())
    advance(events, 5)
    assert watchdog.state_dict()["excused"] > 0 and not watchdog.state_dict()["armed"]
    apply(trainer, UndoRestart())
    found = watchdog.state_dict()
    assert found["steps"] == state["steps"] + 2 and found["excused"] == 0
    assert {name: found[name] for name in state if name != "steps"} == {
        name: state[name] for name in state if name != "steps"
    }


def test_an_undo_of_some_chains_leaves_the_watchdog_unchanged(tmp_path):
    trainer, events = paused_trainer(tmp_path)
    apply(trainer, Reseed(worst=2))
    advance(events, 5)
    before = trainer._recovery.watchdog.state_dict()
    apply(trainer, UndoRestart())
    assert trainer._recovery.watchdog.state_dict() == before
