"""Commands in the middle of a run of two ranks, each a process with gloo: every rank applies each after the same step."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pytest

from jem_tui.config.schema import RunConfig
from jem_tui.events.chain_facts import ChainInspection, ChainRefusal
from jem_tui.events.commands import (
    Adjust,
    Advance,
    Command,
    EvaluateNow,
    InspectChain,
    Pause,
    Reseed,
    Resume,
    RollBack,
    SampleNow,
    ScoreDrawing,
    Stop,
)
from jem_tui.events.drawing import DrawingFailure, DrawingRequest, DrawingScore
from jem_tui.events.run import Event, StepDone
from jem_tui.jem.ranks.abandonable_thread import AbandonableThread
from jem_tui.jem.ranks.calls import BroadcastCalls
from jem_tui.jem.ranks.mirrored_source import MirroredSource, follow
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.jem.ranks.source_on_thread import SourceOnThread
from jem_tui.run_files import sorted_checkpoints
from jem_tui.stream.drive import drive
from tests.jem.runs import small_config
from tests.ranks.on_ranks import on_ranks
from tests.ranks.training import Trained, opened, report_of, trained

pytestmark = pytest.mark.slow

SECONDS = 300.0
"""Seconds that both ranks have for a run, so that a busy machine makes no difference."""
DRAWING = DrawingRequest(number=1, pixels=np.full((28, 28, 1), 90, np.uint8), steps=3, label=4)
COMMANDS: dict[int, list[Command]] = {
    2: [Adjust(name="sgld.steps", increments=2), SampleNow()],
    3: [Pause(), Reseed(worst=4), Advance(steps=2), Advance(steps=1), Resume()],
    7: [Reseed(fraction=0.25), Reseed()],
    9: [EvaluateNow(), RollBack(), Adjust(name="optimizer.rate", increments=-1)],
    12: [Stop(save=True, reason="interrupted")],
}
"""Commands of a person, by the step after which they arrive at rank 0."""


def steered(ranks: Ranks, config: RunConfig, folder: Path, asked: bool = False) -> Trained:
    """Train on this rank as the program does, with commands at rank 0, or with questions after every step if it is `asked`."""
    trainer, calls = opened(ranks, config, folder), BroadcastCalls(ranks)
    if ranks.rank:
        follow(trainer, calls)
        return report_of(trainer, [], step=trainer.step)
    found: list[Event] = []
    commands: SimpleQueue[Command] = SimpleQueue()
    answers: list[object] = []
    questions: list[Command] = [
        ScoreDrawing(request=DRAWING, answer=answers.append),
        InspectChain(chain=3, answer=answers.append),
        # A chain of rank 1
        InspectChain(chain=40, answer=answers.append),
    ]
    pending = dict.fromkeys(range(1, 12, 2), questions) if asked else dict(COMMANDS)

    def sink(event: Event) -> None:
        found.append(event)
        for command in pending.pop(event.step, []) if isinstance(event, StepDone) else []:
            commands.put(command)

    lead, thread = MirroredSource(trainer, calls), AbandonableThread("rank")
    stopped = drive(lambda report: SourceOnThread(lead.events, lead.apply, thread.call), sink, commands)
    return report_of(trainer, found, step=trainer.step, reason=stopped.reason, error=stopped.error, answers=answers)


def test_ranks_stay_equal_through_every_command(tmp_path: Path):
    config = small_config("buffer.explorers=16", "record.checkpoint_every=4", "train.batch_size=16", max_steps=40)
    first, second = on_ranks(steered, config, tmp_path)
    assert (first.extra["reason"], first.extra["error"]) == ("interrupted", "")
    assert first.extra["step"] == second.extra["step"] == 12
    assert first.weights == second.weights
    assert first.chains != second.chains
    assert {"Paused", "Resumed", "Adjusted", "Rewound", "Evaluated"} <= set(first.kinds)
    assert sum(note.startswith("restarted") for note in first.notes) == 3, first.notes
    assert sorted_checkpoints(tmp_path)[-1].stem == "step_000012"


@pytest.mark.parametrize("graph", ["off", "on"])
def test_rank_0_answers_questions_alone_and_no_number_of_the_run_changes(tmp_path: Path, graph: str):
    config = small_config("buffer.explorers=16", f"train.graph={graph}", "train.read_every=3", max_steps=12)
    plain = on_ranks(trained, config, tmp_path / "plain", deadline=SECONDS)
    asked = on_ranks(steered, config, tmp_path / "asked", True, deadline=SECONDS)
    assert (asked[0].extra["reason"], asked[0].extra["error"]) == ("finished", "")
    assert [rank.weights for rank in asked] == [rank.weights for rank in plain]
    assert [rank.chains for rank in asked] == [rank.chains for rank in plain]
    assert asked[0].metrics == plain[0].metrics
    kinds = Counter(type(answer) for answer in asked[0].extra["answers"])
    assert kinds[DrawingScore] == kinds[ChainInspection] == 6
    assert kinds[ChainRefusal] == 6 and not kinds[DrawingFailure]
