"""Questions of a viewer to a real training run: they are answered, and no number of the run depends on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from queue import Queue
from threading import Thread

import numpy as np

from jem_tui.events.chain_facts import ChainFacts, ChainInspection
from jem_tui.events.commands import Command, InspectChain, Pause, Resume, ScoreDrawing
from jem_tui.events.drawing import DrawingAnswer, DrawingModel, DrawingRequest, DrawingScore, EnergyReference
from jem_tui.events.run import Event, Paused, RunStarted, StepDone
from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
from tests.jem.runs import emitted, run, small_config
from tests.stream.attach.test_viewer_at_the_door import events_until, opened
from tests.wait_until import wait_until

SECONDS = 60.0


class Questioner:
    """Records a run with a door, pauses it at step 2, and lets a viewer ask until it has all answers."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._recorder: AttachableRecorder | None = None
        self.facts: list[ChainFacts] = []
        self.answers: list[DrawingAnswer] = []
        self._resume: Callable[[], None] = lambda: None
        self.thread = Thread(target=self._ask, daemon=True)

    def react(self, event: Event, queue: Queue[Command]) -> None:
        """Record an event."""
        if self._recorder is None:
            self._recorder = AttachableRecorder(self._run_dir, ["jem-tui", "train"], queue.put)
        self._recorder(event)
        if isinstance(event, StepDone) and event.step == 2:
            queue.put(Pause())
        if isinstance(event, Paused):
            self._resume = lambda: queue.put(Resume())
            self.thread.start()

    def _ask(self) -> None:
        viewer = opened(self._run_dir)
        try:
            events_until(viewer, RunStarted)
            viewer.send(InspectChain(chain=1, answer=self.facts.append))
            for request in (
                DrawingRequest(number=0),
                DrawingRequest(number=1, pixels=np.full((28, 28, 1), 70, np.uint8)),
                DrawingRequest(number=2, steps=3, label=4),
            ):
                known = self._count()
                viewer.send(ScoreDrawing(request=request, answer=self.answers.append))
                wait_until(lambda known=known: self._count() > known, "no answer has arrived", SECONDS)  # type: ignore[misc]
            wait_until(lambda: self.facts, "no facts have arrived", SECONDS)
        finally:
            self._resume()
            viewer.close(5.0)

    def _count(self) -> int:
        return len([each for each in self.answers if not isinstance(each, EnergyReference)])


def test_a_training_run_answers_a_viewer_and_repeats_itself(tmp_path: Path):
    config, questioner = small_config(max_steps=6), Questioner(tmp_path / "asked")
    asked = run(config, tmp_path / "asked", react=questioner.react)
    questioner.thread.join(SECONDS)
    (found,) = questioner.facts
    assert isinstance(found, ChainInspection) and (found.chain, found.step) == (1, 2)
    assert found.nearest is not None and found.nearest.shape == (28, 28, 1)
    kinds = [type(each) for each in questioner.answers if not isinstance(each, EnergyReference)]
    assert kinds == [DrawingModel, DrawingScore, DrawingScore]
    assert [each.moved for each in questioner.answers if isinstance(each, DrawingScore)] == [0, 3]
    assert emitted(asked) == emitted(run(config, tmp_path / "plain"))
