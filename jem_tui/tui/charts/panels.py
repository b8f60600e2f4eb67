"""Which panels a run has, and the curves on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np

from jem_tui.events.recording import Points
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE
from jem_tui.number_text import names_fraction
from jem_tui.raster.plot.axis import Axis, ScaleName
from jem_tui.raster.plot.curves import Curve, Floats
from jem_tui.tui.charts.chart_settings import ChartSettings
from jem_tui.tui.state.comparison import ComparedRun
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.series import seconds_since
from jem_tui.tui.state.speedometer import THROUGHPUT

DATA, SAMPLES = "JEM/energy_data", "JEM/energy_samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One metric, or two that belong together."""

    title: str
    tags: tuple[str, ...]
    tone: str = "other"
    labels: tuple[str, ...] = ("",)
    percent: bool = False
    gap: bool = False
    """The area between the two is shaded."""
    scale: ScaleName = "linear"
    points: bool = False
    """Told now and then."""


MAIN_PANELS = (
    Panel(title=TOTAL, tags=(TOTAL,), tone="total"),
    Panel(title=NRG, tags=(NRG,), tone="nrg", scale="symlog"),
    Panel(title=XE, tags=(XE,), tone="xe"),
    Panel(title=ACCURACY, tags=(ACCURACY,), tone="accuracy", labels=("batch",), percent=True),
)
"""Shown even before there is anything to draw."""
SPEED = "throughput, images/s"
FOREIGN_TITLES = {SPEED: "throughput, steps/s"}
"""Another program's log counts its own steps."""
ENERGIES = Panel(title="energy", tags=(DATA, SAMPLES), tone="nrg", labels=("data", "samples"), gap=True, scale="symlog")
"""E(x) and E(x̂); with several runs these are two panels."""
OPTIONAL_PANELS = (
    ENERGIES,
    Panel(title="energy of data", tags=(DATA,), tone="nrg", scale="symlog"),
    Panel(title="energy of samples", tags=(SAMPLES,), tone="nrg", scale="symlog"),
    Panel(title=SPEED, tags=(THROUGHPUT,)),
    Panel(title="SGLD gradient norm", tags=("sgld/gradient",)),
    Panel(title="learning rate", tags=("optimizer/rate",)),
    Panel(title="gradient norm of weights", tags=("optimizer/gradient",)),
    Panel(title="SGLD steps K", tags=("sgld/steps",)),
)


def panels_of(run: RunView, *, several: bool = False, filter_text: str = "") -> list[Panel]:
    """The panels of a run, those that count first; `filter_text` is words or globs of which a title or tag must match all.

    A log of another program that has none of the chief metrics has no panels for them.
    """
    told = {*run.series, *run.recorded}
    apart = {"energy of data", "energy of samples"} if not several else {ENERGIES.title}
    usual = [panel for panel in OPTIONAL_PANELS if panel.title not in apart and set(panel.tags) <= told]
    if run.foreign:
        usual = [replace(panel, title=FOREIGN_TITLES.get(panel.title, panel.title)) for panel in usual]
    shown = [*_chief(run, told), *usual]
    covered = {tag for panel in shown for tag in panel.tags} | {held_out(run)}
    others = [_other(run, tag) for tag in sorted(told - covered)]
    return [panel for panel in (*shown, *others) if _matches(panel, filter_text)]


def _chief(run: RunView, told: Set[str]) -> Sequence[Panel]:
    """Return the chief panels, of another program's log those that it fills: nothing more is waited for."""
    if run.foreign:
        return [panel for panel in MAIN_PANELS if told & set(panel.tags)]
    return MAIN_PANELS if not told or any(told & set(panel.tags) for panel in MAIN_PANELS) else ()


def held_out(run: RunView) -> str:
    """The tag of the accuracy on the validation split, or on the first split that has one; empty without any."""
    tags = sorted(tag for tag in run.scores if tag.endswith("/accuracy"))
    return next((tag for tag in tags if tag.startswith("validation/")), tags[0] if tags else "")


def curves_of(
    panel: Panel, run: RunView, comparison: Sequence[ComparedRun], settings: ChartSettings, *, abbreviated: bool = False
) -> list[Curve]:
    """The curves of a run on a panel, or one for each run of several, and what a recording has still to tell."""
    found = list(_several(panel, comparison, settings) if comparison else _single(panel, run, settings))
    split = held_out(run)
    if panel.title == ACCURACY and split:
        name = split.removesuffix("/accuracy")
        found += _curve(run, split, name[:3] if abbreviated else name, settings, points=True)
    return [*found, *_ahead(panel.tags, run, settings.axis)]


def _single(panel: Panel, run: RunView, settings: ChartSettings) -> Iterator[Curve]:
    for tag, label in zip(panel.tags, panel.labels, strict=True):
        yield from _curve(run, tag, label or tag, settings, points=panel.points)


def _several(panel: Panel, comparison: Sequence[ComparedRun], settings: ChartSettings) -> Iterator[Curve]:
    for compared in comparison:
        for tag in panel.tags[:1]:
            yield from _curve(
                compared.run, tag, compared.name, settings, points=panel.points, place=compared.palette_index
            )


def _curve(
    run: RunView, tag: str, label: str, settings: ChartSettings, *, points: bool = False, place: int | None = None
) -> Iterator[Curve]:
    """One curve, or none while there is nothing to draw."""
    series = run.series.get(tag)
    if series is not None and len(series):
        smooth = series.values if points else series.smoothed(settings.smoothing)
        x = series.positions_along(settings.axis, run.began)
        yield Curve(label=label, x=x, raw=series.values, smooth=smooth, points=points, run=place)


def _ahead(tags: Iterable[str], run: RunView, axis: Axis) -> Iterator[Curve]:
    for tag in tags:
        whole = run.recorded.get(tag)
        if whole is None or not len(whole) or whole.images[-1] <= run.images:
            continue
        rest = whole[int(np.searchsorted(whole.images, run.images)) :]
        x = positions_on_axis(rest, axis, run.began)
        yield Curve(label=tag, x=x, raw=rest.values, smooth=rest.values, ahead=True)


def positions_on_axis(points: Points, axis: Axis, start: float) -> Floats:
    """The places of recorded points on an axis; times in seconds since `start`."""
    if axis == "time":
        return seconds_since(start, points.times)
    return (points.steps if axis == "steps" else points.images).astype(np.float64)


def _other(run: RunView, tag: str) -> Panel:
    """A panel for a metric that this screen knows nothing about."""
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
    """Return whether all finite values of a metric lie in [0, 1]: some programs log an accuracy in per cent."""
    whole, series = run.recorded.get(tag), run.series.get(tag)
    values = whole.values if whole is not None else series.values if series is not None else np.empty(0)
    finite = values[np.isfinite(values)]
    return not len(finite) or bool(finite.min() >= 0 and finite.max() <= 1)


def _matches(panel: Panel, filter_text: str) -> bool:
    names = [name.casefold() for name in (panel.title, *panel.tags)]
    patterns = [f"*{word}*" for word in filter_text.casefold().split()]
    return all(any(fnmatchcase(name, pattern) for name in names) for pattern in patterns)
