"""The model of a run folder, which answers questions about recorded states of chains on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from jem_tui.errors import JemError
from jem_tui.events.chain_facts import ChainInspection, ChainState
from jem_tui.events.run import RunStarted
from jem_tui.tui.state.drawing_access import THREAD_NAME, DrawingAccess, OpenedChains


class ChainModel:
    """Opens the model at the first question, and the training images after the first answer."""

    def __init__(
        self, access: DrawingAccess, run: RunStarted, receive: Callable[[ChainInspection | str], None]
    ) -> None:
        """Start the thread. `receive` gets its answers there, and its activity or failure as a sentence in between."""
        self._access = access
        self._run_info = run
        self._receive = receive
        self._states: SimpleQueue[ChainState | None] = SimpleQueue()
        Thread(target=self._run, name=THREAD_NAME, daemon=True).start()

    def ask(self, state: ChainState) -> None:
        """Ask about a state, in place of earlier ones that still wait."""
        self._states.put(state)

    def close(self) -> None:
        """Stop the thread after the current answer."""
        self._states.put(None)

    def _run(self) -> None:
        try:
            missing = self._access.missing()
            if missing:
                raise JemError(missing)
            height, width, channels = self._run_info.tile_shape
            classes = len(self._run_info.class_names)
            chains = self._access.open_chains((height, width, channels), classes, self._report)
        except Exception as error:
            self._receive(sentence_of(error))
            return
        while (state := self._newest()) is not None:
            self._answer(chains, state)
            if chains.load_images():
                self._answer(chains, state)

    def _newest(self) -> ChainState | None:
        """Wait for a question, and return the newest one; None at the end."""
        state = self._states.get()
        with suppress(Empty):
            while state is not None:
                state = self._states.get_nowait()
        return state

    def _answer(self, chains: OpenedChains, state: ChainState) -> None:
        try:
            self._receive(chains.inspect(state))
        except Exception as error:
            self._receive(sentence_of(error))

    def _report(self, text: str, fraction: float | None = None) -> None:
        self._receive(text if fraction is None else f"{text} {fraction:.0%}")


def sentence_of(error: Exception) -> str:
    """Return the failure of a model to answer as a sentence."""
    if isinstance(error, JemError):
        return f"Class probabilities and the nearest training image need the run's model. {error}"
    return f"The model cannot classify this state ({type(error).__name__}: {error}). Choose another state of the chain."
