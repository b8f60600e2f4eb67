"""Reasons why a key does nothing now, in one sentence each with the next action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jem_tui.tui.keys import Key, Need
from jem_tui.tui.keys.conditions import ON_SCREENS, PLACES
from jem_tui.tui.state.session import Session

OF_TRAINING: frozenset[Need] = frozenset({"adjust", "evaluate", "rollback", "reseed", "undo", "save"})
"""Conditions that a run in training meets and a recording does not."""
OF_RUN: frozenset[Need] = OF_TRAINING | {"steer", "pause"}
"""Conditions that a run does not meet after its end."""
OF_REPLAY: frozenset[Need] = frozenset({"seek", "speed"})
ELSEWHERE: Mapping[Need, str] = {
    "pictures": "this log has no image tags to choose from.",
    "runs": "this is one run. Pass several to jem-tui replay to compare them.",
    "console": "this run has no output of a script to display.",
    "ranks": "this run trains in one process, without ranks to display.",
    "sampler": "this run has no chains of this program's sampler to diagnose.",
    "settings": "the run has not stated its settings.",
    "attach": "this recording is not of a live run.",
    "tour": "the tour explains runs with chains, one at a time.",
    "summary": "this is displayed once the run has ended.",
    "undo": "there is no restart of chains that can be undone.",
}
"""Sentences about keys of particular kinds of runs."""


def why_refused(pressed: str, table: Sequence[Key], session: Session) -> str:
    """Return why the key `pressed`, in Textual's name, does nothing now; empty if no row of `table` assigns an action to it."""
    keys = [key for key in table if pressed in key.keys.split(",")]
    everywhere = [key for key in keys if not key.focus and key.need is not None]
    in_panes = [key for key in keys if key.focus not in ("", "runs", "console", "ranks", "tour", *ON_SCREENS)]
    if in_panes and all(key.need in OF_REPLAY for key in everywhere):
        places = " or the ".join(dict.fromkeys(PLACES.get(key.focus, key.focus) for key in in_panes))
        pane = "one of these panes" if " or the " in places else "that pane"
        return f"{in_panes[0].label}: this works in the {places}. Press {_key('next-pane', table)} until {pane} has the focus."
    return f"{everywhere[0].label}: {_reason(everywhere[0].need, session, table)}" if everywhere else ""


def why_unchangeable(session: Session) -> str:
    """Return in a few words why no setting of the run can be changed now; empty while some can be."""
    run = session.state.run
    if session.can("adjust"):
        return ""
    if run is not None and "seek" in run.info.abilities:
        return "recorded: nothing can be changed"
    if session.state.stopped is not None or (run is not None and run.ended):
        return "the run has ended: nothing can be changed"
    if session.role.view_only:
        return "display only: nothing can be changed"
    if run is not None and "adjust" not in run.info.abilities:
        return "this run has no settings to change"
    return "nothing can be changed now"


def _reason(need: Need | None, session: Session, table: Sequence[Key]) -> str:
    run = session.state.run
    if session.pending.stop:
        return "the run is stopping and accepts no more commands."
    if session.state.disconnected:
        return "the connection to the run is lost. Keys work again once it is restored."
    if run is not None and need in OF_TRAINING and "seek" in run.info.abilities:
        return _of_recording(session, table)
    if need in OF_RUN and session.role.view_only:
        return "this screen only displays the run. Attach without --watch to steer it."
    if need in OF_RUN and (session.state.stopped is not None or (run is not None and run.ended)):
        return _after_end(session, table)
    if need in OF_REPLAY:
        return "this works in a recording. Play one with jem-tui replay."
    return (
        "this run has no function for it." if need is None else ELSEWHERE.get(need, "this run has no function for it.")
    )


def _of_recording(session: Session, table: Sequence[Key]) -> str:
    if session.can("attach"):
        return f"this is a recording. Press {_key('attach', table)} to attach to the live run."
    return "this is a recording. The key works while a run is training."


def _after_end(session: Session, table: Sequence[Key]) -> str:
    run = session.state.run
    if run is None or run.watched or not run.info.run_dir:
        return "the run has ended."
    if "seek" in run.info.abilities:
        return f"the recording has ended. Press {_key('pause', table)} to play it again."
    return f"the run has ended. Continue it with jem-tui train --resume {run.info.run_dir}."


def _key(name: str, table: Sequence[Key]) -> str:
    """Return the key with a name, as the footer displays it."""
    return next((key.written.partition(" ")[0] for key in table if key.id == name), name)
