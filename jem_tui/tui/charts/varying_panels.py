"""Choice of the panels that are displayed without a filter: those whose curves vary."""

from __future__ import annotations

from collections.abc import Sequence

from jem_tui.tui.charts.panels import MAIN_PANELS, Panel
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.series import varies


def varying_panels(panels: Sequence[Panel], run: RunView) -> list[Panel]:
    """Return the `panels` without those that hold a constant or a single point; the main panels stay.

    A recording counts as a whole, so that a panel does not appear while it is replayed. Without any varying curve, all panels stay.
    """
    main = {panel.title for panel in MAIN_PANELS}
    kept = [panel for panel in panels if panel.title in main or any(_varies(tag, run) for tag in panel.tags)]
    return kept or list(panels)


def _varies(tag: str, run: RunView) -> bool:
    whole, series = run.recorded.get(tag), run.series.get(tag)
    return (whole is not None and varies(whole.values)) or (series is not None and series.varies)
