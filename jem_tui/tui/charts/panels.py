"""Panels of a run, and the curves of each panel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np

from jem_tui.events.recording import Points
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE
from jem_tui.number_text import names_fraction
from jem_tui.raster.plot.columns.curves import Curve, Floats
from jem_tui.raster.plot.scales.axis import Axis, ScaleName
from jem_tui.tui.charts.chart_settings import ChartSettings
from jem_tui.tui.preferences.theme import Tone
from jem_tui.tui.state.comparison import ComparedRun
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.series import seconds_since
from jem_tui.tui.state.speedometer import THROUGHPUT

DATA, SAMPLES = "JEM/energy_data", "JEM/energy_samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Panel of one metric, or of two related metrics."""

    title: str
    tags: tuple[str, ...]
    tone: Tone = Tone.OTHER
    labels: tuple[str, ...] = ("",)
    percent: bool = False
    gap: bool = False
    """True if the area between the two curves is shaded."""
    scale: ScaleName = "linear"
    points: bool = False
    """True if the metric is logged sparsely and is drawn as markers without a line."""


MAIN_PANELS = (
    Panel(title=TOTAL, tags=(TOTAL,), tone=Tone.TOTAL),
    Panel(title=NRG, tags=(NRG,), tone=Tone.NRG, scale="symlog"),
    Panel(title=XE, tags=(XE,), tone=Tone.XE),
    Panel(title=ACCURACY, tags=(ACCURACY,), tone=Tone.ACCURACY, labels=("batch",), percent=True),
)
"""Panels that are displayed before the first step."""
SPEED = "throughput, images/s"
FOREIGN_TITLES = {SPEED: "throughput, steps/s"}
"""Titles of panels for a run whose images are its own steps."""
ENERGIES = Panel(
    title="energy", tags=(SAMPLES, DATA), tone=Tone.NRG, labels=("samples", "data"), gap=True, scale="symlog"
)
"""Panel of E(x̂) and E(x), which is divided into two panels when runs are compared. Samples come before data everywhere."""
OPTIONAL_PANELS = (
    ENERGIES,
    Panel(title="energy of samples", tags=(SAMPLES,), tone=Tone.NRG, scale="symlog"),
    Panel(title="energy of data", tags=(DATA,), tone=Tone.TOTAL, scale="symlog"),
    Panel(title=SPEED, tags=(THROUGHPUT,)),
    Panel(title="SGLD gradient norm", tags=("sgld/gradient",)),
    Panel(title="learning rate", tags=("optimizer/rate",)),
    Panel(title="gradient norm of weights", tags=("optimizer/gradient",)),
    Panel(title="SGLD steps K", tags=("sgld/steps",)),
)


def panels_of(run: RunView, *, compared: bool = False, filter_text: str = "") -> list[Panel]:
    """Return the panels of a run, the main panels first; of a watched loop, its own metrics first.

    `filter_text` holds words or globs, each of which the title or a tag of a panel must match. A foreign log and a watched loop
    have only the main panels that they fill.
    """
    logged = {*run.series, *run.recorded}
    apart = {"energy of data", "energy of samples"} if not compared else {ENERGIES.title}
    usual = [panel for panel in OPTIONAL_PANELS if panel.title not in apart and set(panel.tags) <= logged]
    if not run.counts_images:
        usual = [replace(panel, title=FOREIGN_TITLES.get(panel.title, panel.title)) for panel in usual]
    shown = [*_main_panels(run, logged), *usual]
    covered = {tag for panel in shown for tag in panel.tags} | {held_out_tag(run)}
    others = [_generic_panel(run, tag) for tag in sorted(logged - covered)]
    ordered = (*others, *shown) if run.watched else (*shown, *others)
    return [panel for panel in ordered if _matches(panel, filter_text)]


def _main_panels(run: RunView, logged: Set[str]) -> Sequence[Panel]:
    """Return the main panels; for a foreign log and a watched loop, whose metrics have other names, only those with data."""
    if run.foreign or run.watched:
        return [panel for panel in MAIN_PANELS if logged & set(panel.tags)]
    return MAIN_PANELS if not logged or any(logged & set(panel.tags) for panel in MAIN_PANELS) else ()


def held_out_tag(run: RunView) -> str:
    """Return the tag of the accuracy on the validation split, else on the first split with an accuracy, else ""."""
    tags = sorted(tag for tag in run.scores if tag.endswith("/accuracy"))
    return next((tag for tag in tags if tag.startswith("validation/")), tags[0] if tags else "")


def curves_of(
    panel: Panel, run: RunView, comparison: Sequence[ComparedRun], settings: ChartSettings, *, abbreviated: bool = False
) -> list[Curve]:
    """Return the curves of a panel: of one run or of each compared run, and the part of a recording that is not replayed yet."""
    found = list(_compared_curves(panel, comparison, settings) if comparison else _own_curves(panel, run, settings))
    split = held_out_tag(run)
    if panel.title == ACCURACY and split:
        name = split.removesuffix("/accuracy")
        found += _curve(run, split, name[:3] if abbreviated else name, settings, points=True)
    return [*found, *_remaining_curves(panel.tags, run, settings.axis)]


def _own_curves(panel: Panel, run: RunView, settings: ChartSettings) -> Iterator[Curve]:
    for tag, label in zip(panel.tags, panel.labels, strict=True):
        yield from _curve(run, tag, label or tag, settings, points=panel.points)


def _compared_curves(panel: Panel, comparison: Sequence[ComparedRun], settings: ChartSettings) -> Iterator[Curve]:
    for compared in comparison:
        for tag in panel.tags[:1]:
            yield from _curve(
                compared.run, tag, compared.name, settings, points=panel.points, place=compared.palette_index
            )


def _curve(
    run: RunView, tag: str, label: str, settings: ChartSettings, *, points: bool = False, place: int | None = None
) -> Iterator[Curve]:
    """Yield the curve of a metric if it has values."""
    series = run.series.get(tag)
    if series is not None and len(series):
        smooth = series.values if points else series.smoothed(settings.smoothing)
        x = series.positions_along(settings.axis, run.began)
        history = None if points else series.columns
        yield Curve(label=label, x=x, raw=series.values, smooth=smooth, points=points, run=place, history=history)


def _remaining_curves(tags: Iterable[str], run: RunView, axis: Axis) -> Iterator[Curve]:
    for tag in tags:
        whole = run.recorded.get(tag)
        if whole is None or not len(whole) or whole.images[-1] <= run.images:
            continue
        rest = whole[int(np.searchsorted(whole.images, run.images)) :]
        x = positions_on_axis(rest, axis, run.began)
        yield Curve(label=tag, x=x, raw=rest.values, smooth=rest.values, ahead=True)


def positions_on_axis(points: Points, axis: Axis, start: float) -> Floats:
    """Return the positions of recorded points on an axis; times are in seconds since `start`."""
    if axis == "time":
        return seconds_since(start, points.times)
    return (points.steps if axis == "steps" else points.images).astype(np.float64)


def _generic_panel(run: RunView, tag: str) -> Panel:
    """Return a panel for a metric without a predefined panel."""
    scored = tag in run.scores
    energy = "energy" in tag and not tag.endswith("_gap")
    return Panel(
        title=tag,
        tags=(tag,),
        percent=names_fraction(tag) and _are_fractions(run, tag),
        scale="symlog" if energy else "linear",
        points=scored,
    )


def _are_fractions(run: RunView, tag: str) -> bool:
    """Return whether all finite values of a metric lie in [0, 1]: some programs log an accuracy in percent."""
    whole, series = run.recorded.get(tag), run.series.get(tag)
    values = whole.values if whole is not None else series.values if series is not None else np.empty(0)
    finite = values[np.isfinite(values)]
    return not len(finite) or bool(finite.min() >= 0 and finite.max() <= 1)


def _matches(panel: Panel, filter_text: str) -> bool:
    names = [name.casefold() for name in (panel.title, *panel.tags)]
    patterns = [f"*{word}*" for word in filter_text.casefold().split()]
    return all(any(fnmatchcase(name, pattern) for name in names) for pattern in patterns)
