"""Decisions of a run that depend on one rank and must be the same on all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from jem_tui.errors import JemError
from jem_tui.events.commands import Adjust, Command, EvaluateNow, Reseed, RollBack, SampleNow, SaveNow
from jem_tui.events.run import Assessed, Energies, Evaluated, Event, Rewound, Samples, StepDone
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.jem.stability.gradient_ratio import GRADIENT_RATIO
from jem_tui.jem.stability.snapshot import Snapshot
from jem_tui.jem.trainer.trainer import Trainer
from tests.jem.broken import poison_adversarial_pass
from tests.jem.runs import small_config
from tests.ranks.on_ranks import on_ranks
from tests.ranks.training import Trained, opened, report_of, set_chains, trained

pytestmark = pytest.mark.slow

COMMANDS: dict[int, list[Command]] = {
    2: [SaveNow(), Reseed(chains=(1, 5))],
    4: [Adjust(name="sgld.steps", increments=2), Reseed(worst=9)],
    6: [Adjust(name="optimizer.rate", increments=-3), Reseed(fraction=0.2)],
    8: [SampleNow(), EvaluateNow(), Reseed()],
    # A rollback to the checkpoint of step 2 takes these steps again, with the commands.
    10: [RollBack()],
}


def steered(ranks: Ranks, folder: Path, *words: str) -> Trained:
    """Train with commands, each applied once after its step."""
    left = {step: list(commands) for step, commands in COMMANDS.items()}
    trainer = opened(ranks, small_config("buffer.explorers=16", *words, max_steps=40), folder)
    events: list[Event] = []
    for event in trainer.events():
        events.append(event)
        if isinstance(event, StepDone):
            # Steps that a device has taken ahead are emitted by a command, which passes steps with commands of their own.
            for due in [step for step in left if step <= event.step]:
                for command in left.pop(due):
                    events += trainer.apply(command)
    return report_of(trainer, events)


@pytest.mark.parametrize("graph", ["off", "on"])
def test_commands_keep_the_ranks_equal(tmp_path: Path, graph: str):
    first, second = on_ranks(steered, tmp_path, f"train.graph={graph}")
    assert first.weights == second.weights
    assert first.metrics == second.metrics
    assert first.kinds == second.kinds
    assert first.notes == second.notes
    assert first.scores == second.scores
    restarted = [note for note in first.notes if note.startswith("restarted")]
    assert restarted == [
        "restarted 2 chains: number 2, 6",
        "restarted 9 chains: highest energies",
        "restarted 13 chains: 20% of the buffer",
        "restarted all 64 chains from uniform noise",
    ]
    assert first.kinds.count("Rewound") == 1
    assert len(first.metrics) > 40


def nan_chains(trainer: Trainer) -> None:
    trainer.learner.buffer.x.fill_(torch.nan)


def damaged(ranks: Ranks, folder: Path, damage: Callable[[Trainer], None]) -> Trained:
    """Train, and damage rank 1 after step 12."""
    config = small_config("stability.snapshot_every=5", max_steps=20)
    trainer = opened(ranks, config, folder)
    events: list[Event] = []
    for event in trainer.events():
        events.append(event)
        if isinstance(event, StepDone) and event.step == 12 and ranks.rank == 1 and not trainer._recovery.rollbacks:
            damage(trainer)
    rewound = [event.from_step for event in events if isinstance(event, Rewound)]
    steps = [event.step for event in events if isinstance(event, StepDone)]
    return report_of(trainer, events, rewound=rewound, steps=steps)


@pytest.mark.parametrize("damage", [nan_chains, poison_adversarial_pass])
def test_not_a_number_on_one_rank_rolls_back_all(tmp_path: Path, damage: Callable[[Trainer], None]):
    first, second = on_ranks(damaged, tmp_path, damage)
    assert first.extra == second.extra
    assert first.extra["rewound"] == [12]
    assert first.extra["steps"][-1] == 20
    assert len(first.extra["steps"]) > 20
    assert first.weights == second.weights
    assert first.kinds == second.kinds


def test_a_metric_that_fails_on_one_rank_is_noted_by_all(tmp_path: Path):
    module = "tests.ranks.metrics_of_ranks"
    config = small_config(f"record.metrics={module}:number,{module}:fragile", max_steps=5)
    first, second = on_ranks(trained, config, tmp_path)
    assert first.metrics == second.metrics
    assert [step["metric/number"] for step in first.metrics] == [0.5] * 5
    assert [step["metric/fragile"] for step in first.metrics] == [8.0] * 5
    faults = [note for note in first.notes if "no third step here" in note]
    assert faults == [note for note in second.notes if "no third step here" in note]
    assert len(faults) == 1
    assert faults[0].startswith("on rank 1, the metric")


def without_memory(ranks: Ranks, folder: Path) -> Trained:
    """Train where the snapshots of rank 1 do not fit into memory."""
    if ranks.rank:

        def take(*given: object) -> Snapshot:
            raise MemoryError

        Snapshot.take = take  # type: ignore[method-assign, assignment]
    return trained(ranks, small_config("stability.snapshot_every=5", max_steps=8), folder)


def test_no_rank_keeps_a_snapshot_for_which_one_rank_lacks_memory(tmp_path: Path):
    first, second = on_ranks(without_memory, tmp_path)
    assert first.kinds == second.kinds
    assert first.notes == second.notes
    assert sum("not enough memory for a snapshot" in note for note in first.notes) == 1
    assert first.weights == second.weights


def test_all_ranks_measure_equal_metrics_with_a_health_check(tmp_path: Path):
    first, second = on_ranks(trained, small_config("stability.snapshot_every=2", max_steps=7), tmp_path)
    assert [GRADIENT_RATIO in step for step in first.metrics] == [False, False, True, False, True, False, True]
    assert ["sgld/rhat" in step for step in first.metrics] == [False] * 6 + [True]
    assert first.metrics == second.metrics


def failure_of(change: Callable[[Trainer], None], ranks: Ranks, folder: Path) -> str:
    """Return the error of a run that is changed on rank 1 after step 7."""
    trainer = opened(ranks, small_config(max_steps=12), folder)
    try:
        for event in trainer.events():
            if isinstance(event, StepDone) and event.step == 7 and ranks.rank == 1:
                change(trainer)
    except JemError as error:
        return str(error)
    return ""


def change_weights(trainer: Trainer) -> None:
    """Change one weight by a little."""
    with torch.no_grad():
        next(trainer.learner.network.parameters())[0].mul_(1 + 1e-6)


def emit_more(trainer: Trainer) -> None:
    """Count an event that the other rank has not emitted."""
    trainer.monitor.count(trainer._run_events.note("only here"))


def different_weights(ranks: Ranks, folder: Path) -> str:
    """Return the error of a run whose ranks have different weights."""
    return failure_of(change_weights, ranks, folder)


def different_events(ranks: Ranks, folder: Path) -> str:
    """Return the error of a run whose ranks emit different events."""
    return failure_of(emit_more, ranks, folder)


def test_different_weights_end_the_run_on_all_ranks_at_the_next_samples(tmp_path: Path):
    first, second = on_ranks(different_weights, tmp_path)
    assert first == second
    assert first.startswith(
        "The weights of rank 1 differ from those of rank 0 at step 10, so the ranks train different models."
    )


def test_different_events_end_the_run_on_all_ranks_at_the_next_step(tmp_path: Path):
    first, second = on_ranks(different_events, tmp_path)
    assert first == second
    assert first.startswith("Rank 1 has emitted other events than rank 0 before step 8.")


def observed(ranks: Ranks, folder: Path) -> dict[str, list[object]]:
    """Return samples, energies and scores of an untrained network on 64 common chains and 51 images."""
    words = ("buffer.explorers=0", "record.tiles=48", "record.evaluate_images=51")
    trainer = opened(ranks, small_config(*words), folder / f"of_{ranks.size}")
    set_chains(trainer.learner, torch.rand(64, 1, 28, 28, generator=torch.Generator().manual_seed(1)) * 2 - 1)
    found: dict[str, list[object]] = {"own": [len(trainer.learner.buffer)]}
    for event in (*trainer._run_events.samples(requested=False), *trainer._run_events.evaluation()):
        if isinstance(event, Samples):
            found["tiles"], found["energy"] = event.tiles.tolist(), event.energy.tolist()
        elif isinstance(event, Energies):
            found["samples"], found["data"] = event.samples.tolist(), event.data.tolist()
        elif isinstance(event, Evaluated):
            found["scores"] = [event.scores["accuracy"], event.scores["xe"], event.scores["ece"]]
        elif isinstance(event, Assessed):
            found["auroc"] = list(event.auroc.values())
    return found


def test_samples_are_the_chains_of_all_ranks_and_scores_are_those_of_one(tmp_path: Path):
    alone = observed(ALONE, tmp_path)
    first, second = on_ranks(observed, tmp_path)
    assert first == second
    assert (alone["own"], first["own"]) == ([64], [32])
    assert first["tiles"] == alone["tiles"]
    assert len(first["energy"]) == 48
    for name in ("energy", "scores", "auroc"):
        assert first[name] == pytest.approx(alone[name], abs=1e-5), name
    assert sum(first["samples"]) == sum(alone["samples"]) == 64
    assert sum(first["data"]) == sum(alone["data"]) == 51
