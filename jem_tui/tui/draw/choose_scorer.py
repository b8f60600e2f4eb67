"""The choice of the network that scores drawings: the run of this process while it trains, else the model in a run folder."""

from __future__ import annotations

from jem_tui.tui.draw.scorer import LiveScorer, NoScorer, Scorer, ScorerThread
from jem_tui.tui.state.drawing_access import DrawingAccess
from jem_tui.tui.state.session import Session

LOADING = "The run is still loading. Press D again once it has started."
OTHER_RANKS = "Drawings are not scored while a run trains on several ranks. Use jem-tui draw RUN on its checkpoint."
LOOP = "The network of a watched loop is unknown to jem-tui, so that it cannot score drawings."
ELSEWHERE = "The run is on {host}, and its model as well. Start jem-tui draw RUN there."
NO_MODEL = "This screen has no model that could score a drawing. Start jem-tui draw RUN."


def why_not(session: Session | None, access: DrawingAccess | None) -> str:
    """Return why no drawing can be scored now, as a sentence with a next action; "" if one can."""
    run = session.state.run if session is not None else None
    if session is None or run is None:
        return LOADING
    if offers_drawings(session):
        return ""
    if run.watched:
        return LOOP
    if session.attachment is not None and session.attachment.host:
        return ELSEWHERE.format(host=session.attachment.host)
    if session.attachment is None and session.training:
        return OTHER_RANKS
    return access.missing() if access is not None else NO_MODEL


def choose_scorer(session: Session, access: DrawingAccess | None) -> Scorer:
    """Return the scorer of a run, which can have ended since; one that only states the reason where there is none."""
    reason = why_not(session, access)
    if reason:
        return NoScorer(reason)
    if offers_drawings(session):
        return LiveScorer(session.send, lambda: offers_drawings(session), lambda: session.training)
    assert access is not None
    return ScorerThread(access.open_drawings)


def offers_drawings(session: Session) -> bool:
    """Return whether the source of this process scores drawings now; a viewer has no weights."""
    return session.attachment is None and session.can("draw")
