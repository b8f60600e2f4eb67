"""The chain that fills the screen: its chosen state, and the facts about it or the reason for their absence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jem_tui.events.chain_facts import ChainFilm, ChainInspection, ChainState
from jem_tui.events.recording import Picture
from jem_tui.events.run import Samples
from jem_tui.tui.samples.chain_order import take_chains
from jem_tui.tui.state.chain_requests import ChainRequests
from jem_tui.tui.state.run_view import RunView

ONLY_LIVE = "Class probabilities and the nearest training image need a run that trains, or its folder on this machine."
ONLY_NEWEST = "While a run trains, p(y|x) of all classes is known for the newest state only."


@dataclass(frozen=True, kw_only=True)
class ChainOnScreen:
    """The chain that fills the screen, with the facts that are known about it."""

    run: RunView
    row: int
    """Row of the samples."""
    film: ChainFilm | None
    requests: ChainRequests | None
    """Facts about the chain; None where nothing answers."""
    step: int | None
    """Step of the chosen state; None for the newest."""

    @property
    def place(self) -> int:
        """The index of the chosen state in the film, of the newest where the film does not have it."""
        steps = self.film.steps if self.film is not None else ()
        return steps.index(self.step) if self.step in steps else len(steps) - 1

    @property
    def state(self) -> Samples | None:
        """The chosen state, alone; None without samples."""
        samples = self.run.samples
        if samples is None:
            return None
        if not isinstance(samples, Picture) and self.film is not None and self.step in self.film.steps:
            return replace(take_chains(self.film.states, [self.place]), step=self.film.steps[self.place])
        return take_chains(samples, [self.row])

    @property
    def state_of_chain(self) -> ChainState | None:
        """The chosen state as the subject of a question to a model; None for pictures of another program."""
        state = self.state
        if state is None or isinstance(state, Picture):
            return None
        return ChainState(chain=self.row, step=state.step, image=state.tiles[0])

    @property
    def inspection(self) -> ChainInspection | None:
        """The facts about the chosen state; None while they are unknown."""
        state, requests = self.state, self.requests
        if state is None or requests is None:
            return None
        return requests.inspection(self.row, state.step, newest=self.step is None)

    @property
    def reason(self) -> str:
        """Reason for which class probabilities and training images are not displayed."""
        if self.requests is None or (self.requests.access is None and not self.requests.inspects):
            return ONLY_LIVE
        if self.requests.inspects:
            return ONLY_NEWEST if self.step is not None else self.requests.refusal(self.row)
        return self.requests.text

    def step_by(self, states: int) -> int | None:
        """Return the step of the state `states` later in the film; None for the newest."""
        if self.film is None:
            return None
        place = max(0, self.place + states)
        return self.film.steps[place] if place < len(self.film.steps) - 1 else None
