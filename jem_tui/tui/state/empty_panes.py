"""Panes without content in a run, which are hidden until the user chooses them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jem_tui.events.recording import Histogram, Picture
from jem_tui.events.run import Assessed, Energies, Samples
from jem_tui.tui.preferences.pane_layout import PaneName

if TYPE_CHECKING:
    from jem_tui.tui.state.run_state import RunState
    from jem_tui.tui.state.run_view import RunView

PICTURED: frozenset[PaneName] = frozenset({"samples", "chain"})
"""Panes of chains and samples."""
HISTOGRAMS: frozenset[PaneName] = frozenset({"distributions"})
"""The pane of histograms."""
DISTRIBUTED = frozenset({Energies, Assessed, Histogram})
"""Events that the distributions pane displays."""
NONE: frozenset[PaneName] = frozenset()


def empty_panes(state: RunState) -> frozenset[PaneName]:
    """Return the panes without content in the run of `state`."""
    unused = _unused(state)
    if state.run is None:
        return unused
    if state.compared:
        return unused | (frozenset({"chain"}) if state.run.foreign else NONE)
    if state.recording is None:
        return unused | _empty_while_live(state.run)
    kinds = state.recording.kinds
    pictures = NONE if Samples in kinds else PICTURED - ({"samples"} if Picture in kinds else set())
    return unused | pictures | (NONE if kinds & DISTRIBUTED else HISTOGRAMS)


def _unused(state: RunState) -> frozenset[PaneName]:
    """Return the panes that most runs have no content for: output of a script, and states of ranks, diagnostics of the sampler."""
    console: frozenset[PaneName] = NONE if state.console else frozenset({"console"})
    ranks: frozenset[PaneName] = NONE if state.has_ranks else frozenset({"ranks"})
    return console | ranks | (NONE if state.run is not None and state.run.moves_chains else {"sampler"})


def _empty_while_live(run: RunView) -> frozenset[PaneName]:
    """Return the panes that no event of a live run will fill."""
    abilities = run.info.abilities
    if run.watched:
        return _empty_while_watched(run)
    if "save" not in abilities or "reseed" in abilities:
        return NONE
    measured = "evaluate" in abilities or run.energies is not None
    return PICTURED | (NONE if measured else HISTOGRAMS)


def _empty_while_watched(run: RunView) -> frozenset[PaneName]:
    """Return the panes that a watched loop has not filled so far; a chain without an energy is no more than its tile."""
    energies = [] if run.samples is None else run.samples.energy.tolist()
    chains: frozenset[PaneName] = NONE if any(map(math.isfinite, energies)) else frozenset({"chain"})
    pictures = PICTURED if run.samples is None else chains
    return pictures | (NONE if run.energies is not None or run.assessment is not None else HISTOGRAMS)
