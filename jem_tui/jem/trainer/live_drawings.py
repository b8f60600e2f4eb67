"""Scores of drawings by the current weights of a training run, between two optimizer steps.

Weights, random streams, events and the log of the run do not depend on drawings. The energies of the data take at most about
`SURVEY_SHARE` of the time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cached_property

from torch import Tensor

from jem_tui.events.commands import ScoreDrawing
from jem_tui.events.drawing import DrawingFailure, DrawingModel, DrawingRequest, EnergyReference
from jem_tui.jem.evaluation.drawing_scorer import DrawingScorer
from jem_tui.jem.evaluation.energy_survey import EnergySurvey, spread
from jem_tui.jem.evaluation.paper import paper_of
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.undisturbed import undisturbed
from jem_tui.plugins.plugged import PluggedFunction

MOST_IMAGES = 500
"""Images of each set whose energies are compared with that of a drawing."""
SURVEY_SECONDS = 0.5
"""Seconds after which no further images are scored; with a slow network, fewer images are compared."""
MOST_VIEWERS = 8
"""Viewers whose chains are kept."""
SURVEY_SHARE = 0.02
"""Share of the time in which the energies are computed again under newer weights."""


class LiveDrawings:
    """The scorer of a run that trains. Its methods are called between two steps."""

    def __init__(
        self,
        learner: Learner,
        validation: Tensor,
        test: Tensor,
        class_names: tuple[str, ...],
        seconds: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Compare drawings with the run's images, uint8 (n, channels, height, width); `seconds` measures durations."""
        self._learner = learner
        self._images = {"held_out": validation, "test": test}
        self._class_names = class_names
        self._seconds = seconds
        self._scorers: dict[int, DrawingScorer] = {}
        """The scorer of each viewer, whose chain is its own; that of the viewer that has asked last is the last one."""
        self._reference: EnergyReference | None = None
        """The newest energies of the data."""
        self._step_of_survey = -1
        self._next_survey = 0.0

    def answer(self, command: ScoreDrawing, step: int) -> None:
        """Answer a request at optimizer step `step`. A failure of any kind is an answer, too: the run continues."""
        try:
            with undisturbed(self._learner.evaluated):
                self._answer(command, step)
        except (Exception, SystemExit) as error:
            # The text of an exception of user code, and the receiver, can raise exceptions as well
            with suppress(Exception, SystemExit):
                cause = f"{type(error).__name__}: {error}".rstrip(" :.")
                command.answer(DrawingFailure(text=f"The drawing could not be scored ({cause}). Training continues."))

    def _answer(self, command: ScoreDrawing, step: int) -> None:
        request, model = command.request, self._model
        check_request(request, model)
        if request.number == 0:
            # Not scored: the seconds of a score bound how often viewers ask, and the model is their first answer
            command.answer(model)
        else:
            self._score(command, step)
        if step != self._step_of_survey and self._seconds() >= self._next_survey:
            reference = self._survey(step)
            if reference is not None:
                command.answer(reference)
        elif request.number == 0 and self._reference is not None:
            command.answer(self._reference)

    def _score(self, command: ScoreDrawing, step: int) -> None:
        """Answer with the score, or with the reason for its absence."""
        request, began = command.request, self._seconds()
        refusal = self._refusal_of_chain() if request.steps else ""
        score = self._scorer_of(command.viewer).score(replace(request, steps=0) if refusal else request, step)
        if score is not None:
            command.answer(replace(score, seconds=self._seconds() - began))
        if refusal:
            command.answer(DrawingFailure(text=refusal))
        elif score is None:
            command.answer(DrawingFailure(text="There is no drawing to score."))

    def _scorer_of(self, viewer: int) -> DrawingScorer:
        """Return the scorer of a viewer, and discard that of the viewer that has not asked for longest if there are too many."""
        learner, found = self._learner, self._scorers.pop(viewer, None)
        if found is None:
            device = learner.buffer.x.device
            found = DrawingScorer(learner.evaluated, learner.sampler, lambda: learner.sgld, device)
        self._scorers[viewer] = found
        if len(self._scorers) > MOST_VIEWERS:
            del self._scorers[next(iter(self._scorers))]
        return found

    def _refusal_of_chain(self) -> str:
        """Return why no chain starts from a drawing: code of the user must not be called more often than in training."""
        sampler = self._learner.sampler
        if not isinstance(sampler, PluggedFunction):
            return ""
        return f"The {sampler} is your own code, which is called for training alone. To run the chain, use 'jem-tui draw' on a finished run."

    @cached_property
    def _model(self) -> DrawingModel:
        pixels = self._learner.batches.pixels
        _, channels, height, width = pixels.shape
        return DrawingModel(
            shape=(height, width, channels),
            class_names=self._class_names,
            paper=paper_of(pixels),
            averaged=self._learner.average is not None,
        )

    def _survey(self, step: int) -> EnergyReference | None:
        """Score images and chains for at most about `SURVEY_SECONDS`."""
        began = self._seconds()
        images = {**self._images, "train": self._learner.batches.pixels, "chains": self._learner.buffer.x}
        survey = EnergySurvey(
            self._learner.evaluated, {name: spread(found, MOST_IMAGES) for name, found in images.items()}
        )
        while survey.advance() and self._seconds() - began < SURVEY_SECONDS:
            pass
        took = self._seconds() - began
        self._step_of_survey, self._next_survey = step, self._seconds() + took / SURVEY_SHARE
        self._reference = survey.reference(step)
        return self._reference


def check_request(request: DrawingRequest, model: DrawingModel) -> None:
    """Raise ValueError for an image of another shape or a class that the model does not have, which could end a run on a GPU."""
    if request.pixels is not None and request.pixels.shape != model.shape:
        raise ValueError(f"its shape is {request.pixels.shape}, not {model.shape}")
    if request.label is not None and not 0 <= request.label < len(model.class_names):
        raise ValueError(f"there is no class {request.label}")
