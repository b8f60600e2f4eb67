"""Requests for facts about the chain that fills the screen, and their newest answers."""

from __future__ import annotations

from collections.abc import Callable

from jem_tui.events.chain_facts import ChainFacts, ChainFilm, ChainInspection, ChainRefusal, ChainState
from jem_tui.events.commands import Command, InspectChain
from jem_tui.tui.state.chain_model import ChainModel
from jem_tui.tui.state.drawing_access import DrawingAccess
from jem_tui.tui.state.run_view import RunView

INTERVAL = 4.0
"""Minimum seconds between two requests about one chain of a run that trains, each of which delays it by about 0.1 s."""
INTERVAL_OF_REPLAY = 0.5
"""Minimum seconds between two requests about one chain of a recording."""


class ChainRequests:
    """Sends requests through `send`; answers arrive on the thread of the source."""

    def __init__(self, send: Callable[[Command], None]) -> None:
        self._send = send
        self._sent: tuple[int, int] | None = None
        """Chain and step of the last request."""
        self._sent_at = float("-inf")
        self.inspects = False
        """True if the newest request went to a run that trains."""
        self.answers = 0
        """Number of answers so far."""
        self.access: DrawingAccess | None = None
        """The model in the run folder; None without a run folder on this machine."""
        self.text = ""
        """The activity or the failure of the model in the run folder, as a sentence."""
        self._film: ChainFilm | None = None
        self._inspection: ChainInspection | None = None
        self._refusal: ChainRefusal | None = None
        """The newest answer about a chain, if it is a refusal."""
        self._model: ChainModel | None = None
        self._asked: tuple[int, int] | None = None
        """Chain and step of the last question to the model."""
        self._by_model: ChainInspection | None = None

    def request(self, run: RunView, chain: int, now: float) -> None:
        """Request facts about a chain if it or its state has changed; `now`, in monotonic seconds, limits the rate."""
        wanted = (chain, -1 if run.samples is None else run.samples.step)
        interval = INTERVAL if run.live else INTERVAL_OF_REPLAY
        same_chain = self._sent is not None and self._sent[0] == chain
        if wanted == self._sent or (same_chain and now - self._sent_at < interval):
            return
        self._sent, self._sent_at, self.inspects = wanted, now, run.live
        self._send(InspectChain(chain=chain, answer=self.receive))

    def ask_model(self, run: RunView, state: ChainState) -> None:
        """Ask the model of the run folder about a recorded state, unless it was asked last."""
        self.inspects = False
        if self.access is None or (state.chain, state.step) == self._asked:
            return
        self._asked = (state.chain, state.step)
        self._model = self._model or ChainModel(self.access, run.info, self._receive_from_model)
        self._model.ask(state)

    def close(self) -> None:
        """Close the model."""
        if self._model is not None:
            self._model.close()

    def _receive_from_model(self, answer: ChainInspection | str) -> None:
        if isinstance(answer, str):
            self.text = answer
        else:
            self._by_model, self.text = answer, ""
        self.answers += 1

    def receive(self, answer: ChainFacts) -> None:
        """Keep an answer in place of an earlier one."""
        self.answers += 1
        if isinstance(answer, ChainFilm):
            self._film = answer
            return
        self._refusal = answer if isinstance(answer, ChainRefusal) else None
        if not isinstance(answer, ChainRefusal):
            self._inspection = answer

    def refusal(self, chain: int) -> str:
        """Return the reason for which the run has no facts about a chain; "" before its answer, and with facts."""
        found = self._refusal
        return found.text if found is not None and found.chain == chain else ""

    def film(self, chain: int) -> ChainFilm | None:
        """Return the film of a chain from a recording; None before its answer."""
        found = self._film
        return found if found is not None and found.chain == chain else None

    def inspection(self, chain: int, step: int, *, newest: bool) -> ChainInspection | None:
        """Return the facts about a state of a chain, which is the `newest` one or not; None before their answer.

        A run that trains answers for the newest state alone, the model of a folder for the state of a step.
        """
        found = self._inspection if self.inspects else self._by_model
        known = found is not None and found.chain == chain
        return found if known and found is not None and (newest if self.inspects else found.step == step) else None
