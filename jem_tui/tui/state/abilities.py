"""Abilities, on which the keys of a screen depend: what it can display of a run, and which commands the source accepts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jem_tui.tui.state.session import Session


def displays_settings(session: Session) -> bool:
    """Return whether the settings of the run are known, which are displayed after its end as well."""
    run = session.state.run
    return run is not None and bool(run.knobs or run.info.config)


def displays_sampler(session: Session) -> bool:
    """Return whether the run has diagnostics of its sampler."""
    run = session.state.run
    return run is not None and run.moves_chains


def displays_summary(session: Session) -> bool:
    """Return whether the run has ended, and can be summarized."""
    run = session.state.run
    return run is not None and (run.ended or session.state.stopped is not None)


def displays_tour(session: Session) -> bool:
    """Return whether the tour has a run to explain: one of this program, alone, with chains."""
    run, has_chains = session.state.run, "samples" not in session.state.empty_panes
    return run is not None and not (run.watched or run.foreign or len(session.comparison)) and has_chains


DISPLAYED: Mapping[str, Callable[[Session], bool]] = {
    "console": lambda session: bool(session.state.console),
    "ranks": lambda session: session.state.has_ranks,
    "sampler": displays_sampler,
    "settings": displays_settings,
    "summary": displays_summary,
    "tour": displays_tour,
}
"""Abilities of the screen itself, which depend on what the run has and not on whether the source accepts commands."""


def accepts_now(session: Session, ability: str) -> bool:
    """Return whether the source accepts commands of an ability now, and the screen may send them.

    "steer" stands for a step, "pause" for pausing and for playing a recording again, "runs" for a comparison, "attach" for attaching
    to the run of a replay; all others are those of the run.
    """
    run, state = session.state.run, session.state
    if run is None or state.stopped is not None or session.pending.stop:
        return False
    if ability == "runs":
        return len(session.comparison) > 0
    if ability == "attach":
        return session.role.attachable
    if ability == "pause" and session.at_end_of_recording:
        return True
    if state.disconnected or session.role.view_only:
        return False
    return not run.ended if ability in ("steer", "pause") else ability in run.info.abilities
