"""Questions of a viewer whose answers it awaits, with the receivers of the answers."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from threading import Lock

from jem_tui.events.chain_facts import ChainInspection, ChainRefusal
from jem_tui.events.commands import InspectChain, ScoreDrawing
from jem_tui.events.drawing import DrawingFailure
from jem_tui.stream.attach.questions import MOST_VALUES, Answer, Answered, Ask

Question = InspectChain | ScoreDrawing

MOST_OPEN = 8
"""Questions whose answers are awaited; the oldest one fails."""
NOT_CONNECTED = "The run is not connected, so that it cannot score the drawing. Draw again once it is connected."
TOO_LARGE = "The image is too large to be sent to the run. Use jem-tui draw RUN on the machine of the run."


@dataclass
class OpenQuestion:
    """A question that can have further answers."""

    command: Question
    answered: bool = False

    def give(self, content: Answered) -> None:
        """Pass an answer to its receiver, unless it answers the other kind of question; a receiver that fails raises nothing."""
        self.answered = True
        with suppress(Exception):
            if isinstance(self.command, InspectChain):
                if isinstance(content, ChainInspection | ChainRefusal):
                    self.command.answer(content)
            elif not isinstance(content, ChainInspection | ChainRefusal):
                self.command.answer(content)

    def fail(self) -> None:
        """Answer a question about a drawing with a failure, unless it has been answered."""
        if not self.answered:
            self.give(DrawingFailure(text=NOT_CONNECTED))


class OpenQuestions:
    """The open questions of a viewer. Its methods are called on the threads that send to the run and receive from it."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._open: dict[int, OpenQuestion] = {}
        self._lock = Lock()

    def ask(self, command: Question) -> Ask | None:
        """Return the question of a command, and await its answers; None for an image too large to send, which is answered with a failure."""
        drawing = command.request if isinstance(command, ScoreDrawing) else None
        if drawing is not None and drawing.pixels is not None and drawing.pixels.size > MOST_VALUES:
            OpenQuestion(command).give(DrawingFailure(text=TOO_LARGE, final=True))
            return None
        number = next(self._numbers)
        with self._lock:
            self._open[number] = OpenQuestion(command)
            oldest = list(self._open)[:-MOST_OPEN]
            failed = [self._open.pop(each) for each in oldest]
        for question in failed:
            question.fail()
        return Ask(number=number, chain=command.chain if isinstance(command, InspectChain) else 0, drawing=drawing)

    def receive(self, answer: Answer) -> None:
        """Pass an answer to the receiver of its question, unless the question has failed."""
        question = self._open.get(answer.number)
        if question is not None:
            question.give(answer.content)

    def fail_all(self) -> None:
        """Answer all open questions about drawings with a failure, and discard all others, because the connection is lost."""
        with self._lock:
            failed = list(self._open.values())
            self._open.clear()
        for question in failed:
            question.fail()
