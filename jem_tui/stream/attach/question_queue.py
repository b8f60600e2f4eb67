"""The questions of all viewers in a queue, from which the door asks the run one at a time, in a bounded share of the run's time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from jem_tui.events.chain_facts import ChainInspection
from jem_tui.events.commands import Command, InspectChain, ScoreDrawing
from jem_tui.events.drawing import DrawingScore
from jem_tui.stream.attach.questions import Answer, Answered, Ask, sendable
from jem_tui.stream.attach.viewer_link import ViewerLink

INTERVAL = 0.2
"""Minimum seconds between an answer and the next question of any viewer."""
SHARE = 0.1
"""Largest share of the run's time that answers take."""
INSPECTION = 0.1
"""Approximate seconds that the run spends on an answer about a chain."""
MOST_WAIT = 10.0
"""Seconds after which a question without an answer no longer counts as under way."""


class QuestionQueue:
    """Passes the questions of all viewers to `send`, and each answer to the viewer that has asked. Times are monotonic seconds."""

    def __init__(self, send: Callable[[Command], None], abilities: Callable[[], frozenset[str]]) -> None:
        """Pass on only what the `abilities` of the run allow."""
        self._send = send
        self._abilities = abilities
        self._waiting: dict[tuple[ViewerLink, str], Ask] = {}
        """The newest question of each viewer about a chain and about a drawing."""
        self._under_way: Ask | None = None
        self._sent_at = self._free_at = float("-inf")

    def add(self, link: ViewerLink, ask: Ask) -> None:
        """Add the question of a viewer, in place of an earlier one about a chain, or about a drawing, that still waits."""
        need = "inspect" if ask.drawing is None else "draw"
        if need in self._abilities():
            self._waiting[link, need] = ask

    def forget(self, link: ViewerLink) -> None:
        """Discard the waiting questions of a viewer that has left."""
        self._waiting = {place: ask for place, ask in self._waiting.items() if place[0] is not link}

    def send_due(self, now: float) -> None:
        """Send the next question if none is under way and the last answer is old enough."""
        under_way = self._under_way is not None and now - self._sent_at < MOST_WAIT
        if under_way or now < self._free_at or not self._waiting:
            return
        link, need = next(iter(self._waiting))
        ask = self._waiting.pop((link, need))
        self._under_way, self._sent_at = ask, now
        answer = partial(self._from_run, asyncio.get_running_loop(), link, ask)
        if ask.drawing is None:
            self._send(InspectChain(chain=ask.chain, answer=answer))
        else:
            self._send(ScoreDrawing(request=ask.drawing, answer=answer, viewer=link.number))

    def _from_run(self, loop: asyncio.AbstractEventLoop, link: ViewerLink, ask: Ask, content: Answered) -> None:
        """Receive an answer on the thread of the run, which continues at once."""
        # The door has closed
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._answer, link, ask, content)

    def _answer(self, link: ViewerLink, ask: Ask, content: Answered) -> None:
        if self._under_way is ask:
            self._under_way = None
            self._free_at = asyncio.get_running_loop().time() + max(INTERVAL, seconds_of(content) / SHARE)
        checked = sendable(Answer(number=ask.number, content=content), link.protocol)
        if checked is not None:
            link.answer(checked)


def seconds_of(content: Answered) -> float:
    """Return the seconds that the run has spent on an answer, about."""
    if isinstance(content, DrawingScore):
        return content.seconds
    return INSPECTION if isinstance(content, ChainInspection) else 0.0
