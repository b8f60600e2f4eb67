"""Requests of the viewers that have joined a run: commands pass at once, samples and questions at a bounded rate."""

from __future__ import annotations

from collections.abc import Callable

from jem_tui.events.commands import Authored, Command, SampleNow
from jem_tui.stream.attach.messages import Message, Ping, Pong, Refused, Steer
from jem_tui.stream.attach.question_queue import QuestionQueue
from jem_tui.stream.attach.questions import Ask
from jem_tui.stream.attach.sample_requests import SampleRequests
from jem_tui.stream.attach.viewer_link import ViewerLink


class ViewerRequests:
    """Passes what viewers request to `send`. Used by the event loop of the door alone."""

    def __init__(self, send: Callable[[Command], None], abilities: Callable[[], frozenset[str]]) -> None:
        self._send = send
        self._samples = SampleRequests(lambda: send(SampleNow()))
        self._questions = QuestionQueue(send, abilities)

    def handle(self, link: ViewerLink, message: Message | None) -> None:
        """Handle a message of a viewer that has joined; None is one of an unknown kind."""
        match message:
            case Ping():
                link.answer(Pong())
            case Steer() | Ask() if link.view_only:
                link.answer(Refused(text="This viewer is view only. Attach without --watch to steer the run."))
            case Ask():
                self._questions.add(link, message)
            case Steer(command=SampleNow()):
                self._samples.add()
            case Steer(command=command):
                self._send(Authored(command=command, author=link.author or "a viewer"))

    def forget(self, link: ViewerLink) -> None:
        """Discard the questions of a viewer that has left."""
        self._questions.forget(link)

    def send_due(self, now: float, *, samples_arrived: bool) -> None:
        """Send the requests that are due; `samples_arrived` is whether the run has emitted samples since the last call."""
        if samples_arrived:
            self._samples.answer(now)
        self._samples.send_due(now)
        self._questions.send_due(now)
