"""The choice of the network that scores drawings: that of the run while it trains, here or in another process, else the model in its folder."""

from __future__ import annotations

from jem_tui.tui.draw.scorer import LiveScorer, NoScorer, Scorer, ScorerThread
from jem_tui.tui.state.drawing_access import DrawingAccess
from jem_tui.tui.state.session import Session

LOADING = "The run is still loading. Press {draw} again once it has started."
OWN_NETWORK = "A network of your own does not score drawings while it trains on several ranks. Save a checkpoint, then use jem-tui draw RUN."
LOOP = "Drawing works for runs of jem-tui train only: this loop has its own network."
SEVERAL = "Drawing needs the model of one run, but several runs are replayed. Start jem-tui draw RUN."
NO_MODEL = "This screen has no model that could score a drawing. Start jem-tui draw RUN."


def why_not(session: Session | None, access: DrawingAccess | None) -> str:
    """Return why no drawing can be scored now, as a sentence with a next action; "" if one can."""
    run = session.state.run if session is not None else None
    if session is None or run is None:
        return LOADING
    if run.watched:
        return LOOP
    if len(session.comparison):
        return SEVERAL
    if session.can("draw"):
        return "" if access is not None else NO_MODEL
    if session.role.attachment is None and session.training:
        return OWN_NETWORK
    return access.missing() if access is not None else NO_MODEL


def choose_scorer(session: Session, access: DrawingAccess | None) -> Scorer:
    """Return the scorer of a run; if no drawing can be scored, a scorer that states the reason."""
    reason = why_not(session, access)
    if reason:
        return NoScorer(reason)
    if session.can("draw"):
        return LiveScorer(session.send, lambda: session.can("draw"), lambda: session.training)
    assert access is not None
    return ScorerThread(access.open_drawings)
