"""Answers to requests of the screen that pass neither events nor the log."""

from __future__ import annotations

from jem_tui.events.commands import Command, InspectChain, ScoreDrawing
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.trainer.chain_inspector import ChainInspector
from jem_tui.jem.trainer.live_drawings import LiveDrawings
from jem_tui.jem.trainer.run_events import RunEvents


class UnrecordedAnswers:
    """Scores drawings and inspects chains between two steps; no number of the run depends on it."""

    def __init__(self, learner: Learner, run_events: RunEvents) -> None:
        validation, test = run_events.validation.pixels, run_events.test.pixels
        self._drawings = LiveDrawings(learner, validation, test, run_events.info.class_names)
        self._alone = learner.ranks.alone
        self._inspector = ChainInspector(learner)

    def give_on_one_rank(self, command: Command, step: int) -> bool:
        """Answer a request that only one of several ranks receives, as `give` does; return False in a run of one process, without an answer.

        The rank exchanges nothing and takes no step. A device that is ahead answers with the weights of the step that it has reached.
        """
        return not self._alone and self.give(command, step)

    def give(self, command: Command, step: int) -> bool:
        """Answer a request at optimizer step `step`; return False for any other command."""
        match command:
            case ScoreDrawing():
                self._drawings.answer(command, step)
            case InspectChain():
                self._inspector.answer(command, step)
            case _:
                return False
        return True
