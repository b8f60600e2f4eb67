"""Scorers of drawings as the draw screen uses them: a thread that owns the model of a saved run, or the run that trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from jem_tui.errors import JemError
from jem_tui.events.commands import Command, ScoreDrawing
from jem_tui.events.drawing import DrawingAnswer, DrawingFailure, DrawingProgress, DrawingRequest
from jem_tui.tui.state.drawing_access import THREAD_NAME

if TYPE_CHECKING:
    from jem_tui.tui.state.drawing_access import OpenDrawings, OpenedDrawings

FRAME = 1 / 15
"""Minimum seconds between two requests."""
LIVE_FRAME = 0.2
"""Minimum seconds between two requests to a run that trains."""
LIVE_SHARE = 0.1
"""Largest share of the time of a run that trains which requests take."""


class Scorer(Protocol):
    """A receiver of requests; answers are collected without waiting."""

    @property
    def ended(self) -> bool:
        """True if no request is answered any more."""

    @property
    def saved(self) -> bool:
        """True if the weights are those of a checkpoint or a model file."""

    def interval(self, seconds: float) -> float:
        """Return the minimum seconds from a request whose answer took `seconds` to the next one."""

    def send(self, request: DrawingRequest) -> None:
        """Enqueue a request."""

    def received(self) -> Iterator[DrawingAnswer]:
        """Yield the answers that have arrived."""

    def close(self) -> None:
        """Stop the scorer, without waiting for its end."""


class _Answers:
    """A queue of answers, filled on another thread."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[DrawingAnswer] = SimpleQueue()
        self.put = self._queue.put

    def received(self) -> Iterator[DrawingAnswer]:
        while True:
            try:
                yield self._queue.get_nowait()
            except Empty:
                return


class NoScorer:
    """A scorer without a network, which answers the reason once."""

    ended = saved = False

    def __init__(self, reason: str = "") -> None:
        self._answers: list[DrawingAnswer] = [DrawingFailure(text=reason, final=True)] if reason else []

    def interval(self, seconds: float) -> float:
        """Return the minimum seconds between two requests."""
        return FRAME

    def send(self, request: DrawingRequest) -> None:
        """Discard a request."""

    def received(self) -> Iterator[DrawingAnswer]:
        """Yield the reason, the first time."""
        while self._answers:
            yield self._answers.pop()

    def close(self) -> None:
        """Keep the scorer, because there is no network to close."""


class LiveScorer:
    """A run that trains as a scorer: its source answers between two steps, in this process or in that of the run."""

    saved = False

    def __init__(self, send: Callable[[Command], None], offered: Callable[[], bool], busy: Callable[[], bool]) -> None:
        """Send requests as commands with `send`.

        `offered` returns whether the run answers them, `busy` whether they take time from its training.
        """
        self._send = send
        self._offered = offered
        self._busy = busy
        self._answers = _Answers()

    @property
    def ended(self) -> bool:
        """True once the run has ended."""
        return not self._offered()

    def interval(self, seconds: float) -> float:
        """Return the minimum seconds between two requests, which leaves nearly all time to a training run."""
        return max(LIVE_FRAME, seconds / LIVE_SHARE) if self._busy() else FRAME

    def send(self, request: DrawingRequest) -> None:
        """Enqueue a request for the next step boundary."""
        self._send(ScoreDrawing(request=request, answer=self._answers.put))

    def received(self) -> Iterator[DrawingAnswer]:
        """Yield the answers that have arrived."""
        return self._answers.received()

    def close(self) -> None:
        """Stop asking; the run continues without the screen."""


class ScorerThread:
    """A daemon thread that opens a model, answers requests, and compares the data with the model in between."""

    ended, saved = False, True

    def __init__(self, open_drawings: OpenDrawings) -> None:
        """Start the thread."""
        self._open = open_drawings
        self._answers = _Answers()
        self._requests: SimpleQueue[DrawingRequest | None] = SimpleQueue()
        Thread(target=self._run, name=THREAD_NAME, daemon=True).start()

    def interval(self, seconds: float) -> float:
        """Return the minimum seconds between two requests."""
        return FRAME

    def send(self, request: DrawingRequest) -> None:
        """Enqueue a request."""
        self._requests.put(request)

    def received(self) -> Iterator[DrawingAnswer]:
        """Yield the answers that have arrived."""
        return self._answers.received()

    def close(self) -> None:
        """Stop the thread after the current request."""
        self._requests.put(None)

    def _run(self) -> None:
        try:
            drawings = self._open(self._report)
        except JemError as error:
            self._answers.put(DrawingFailure(text=str(error), final=True))
            return
        except Exception as error:
            self._answers.put(DrawingFailure(text=f"The model cannot be opened ({_cause(error)}).", final=True))
            return
        comparing = True
        while True:
            try:
                request = self._requests.get(block=not comparing)
            except Empty:
                comparing = self._compare(drawings)
                continue
            if request is None:
                return
            self._answer(drawings, request)

    def _answer(self, drawings: OpenedDrawings, request: DrawingRequest) -> None:
        try:
            answer: DrawingAnswer | None = drawings.model if request.number == 0 else drawings.score(request)
        except JemError as error:
            answer = DrawingFailure(text=str(error))
        except Exception as error:
            answer = DrawingFailure(text=f"The drawing could not be scored ({_cause(error)}).")
        self._answers.put(answer or DrawingFailure(text="There is no drawing to score."))

    def _compare(self, drawings: OpenedDrawings) -> bool:
        """Answer the energies of the next part of the data, and return whether any is left."""
        try:
            reference = drawings.compare()
        except Exception as error:
            self._answers.put(DrawingFailure(text=f"The energies of the data are unknown ({_cause(error)})."))
            return False
        if reference is not None:
            self._answers.put(reference)
        return reference is not None

    def _report(self, text: str, fraction: float | None = None) -> None:
        share = "" if fraction is None else f" {fraction:.0%}"
        self._answers.put(DrawingProgress(text=text + share))


def _cause(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(" :.")
