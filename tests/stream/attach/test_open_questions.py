"""Questions of a viewer whose answers it awaits: their number and the size of their images are bounded."""

from __future__ import annotations

import numpy as np

from jem_tui.events.commands import ScoreDrawing
from jem_tui.events.drawing import DrawingAnswer, DrawingFailure, DrawingRequest, DrawingScore
from jem_tui.stream.attach.open_questions import MOST_OPEN, OpenQuestions
from jem_tui.stream.attach.questions import MOST_VALUES, Answer
from tests.stream.attach.test_questions import DRAWING, INSPECTION, SCORE


def test_open_questions_are_bounded_and_answered_ones_do_not_fail():
    asked, answers = OpenQuestions(), list[DrawingAnswer]()
    first = asked.ask(ScoreDrawing(request=DRAWING, answer=answers.append))
    assert first is not None
    asked.receive(Answer(number=first.number, content=SCORE))
    asked.receive(Answer(number=first.number, content=INSPECTION))
    for _ in range(2 * MOST_OPEN):
        asked.ask(ScoreDrawing(request=DRAWING, answer=answers.append))
    assert len(asked._open) == MOST_OPEN
    assert [type(each) for each in answers] == [DrawingScore, *[DrawingFailure] * MOST_OPEN]
    asked.fail_all()
    assert len(answers) == 1 + 2 * MOST_OPEN


def test_an_image_that_is_too_large_is_refused_before_it_is_sent():
    asked, answers = OpenQuestions(), list[DrawingAnswer]()
    large = DrawingRequest(number=1, pixels=np.zeros((MOST_VALUES + 1, 1, 1), np.uint8))
    assert asked.ask(ScoreDrawing(request=large, answer=answers.append)) is None
    (failure,) = answers
    assert isinstance(failure, DrawingFailure) and failure.final
