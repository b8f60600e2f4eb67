"""The reduced content of a log that the browser displays: a few thinned curves, the newest samples, and one curve for the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jem_tui.errors import JemError
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE, RunStarted, Samples
from jem_tui.number_text import names_fraction
from jem_tui.stream.compare.better_direction import better_direction
from jem_tui.stream.export.smoothing import Smoother
from jem_tui.stream.log_data.entries import DeferredEvent
from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.log_data.thin_points import rows_with_extremes
from jem_tui.stream.reader.log_reader import Recording

Floats = NDArray[np.float64]

MOST_POINTS = 2000
"""Maximum number of points of a curve in a preview; extremes are kept."""
MOST_CURVES = 8
SMOOTHING = 0.95
"""Weight of the moving average of a curve, as on the screen of a run."""
SPARK_POINTS = 10
"""Number of points of the curve in the table."""
HELD_OUT = "validation/accuracy"
_MAIN = (ACCURACY, XE, TOTAL, NRG)


@dataclass(frozen=True, slots=True, eq=False)
class PreviewCurve:
    """A curve with at most `MOST_POINTS` points, arrays of shape (n,) sorted by step."""

    tag: str
    step: Floats
    value: Floats
    smooth: Floats
    """The moving average of all values up to each point."""
    sparse: bool
    """True for scores of evaluations, of which there are few points."""


@dataclass(frozen=True, slots=True, eq=False)
class RunPreview:
    """Curves and samples of a run, and its newest start."""

    curves: tuple[PreviewCurve, ...] = ()
    samples: Samples | None = None
    started: RunStarted | None = None
    left_out: tuple[str, ...] = ()
    """Sentences on the content that cannot be displayed."""
    sentence: str = ""
    """The reason why there is nothing to display."""


@dataclass(frozen=True, slots=True, eq=False)
class Sparkline:
    """The course of one metric in a few numbers."""

    tag: str = ""
    values: Floats | None = None
    """At most `SPARK_POINTS` means of equal parts of the finite values; None without a curve."""

    @property
    def fraction(self) -> bool:
        """True for an accuracy in fractions, whose curves are comparable between runs."""
        return (
            names_fraction(self.tag)
            and self.values is not None
            and bool(((self.values >= 0) & (self.values <= 1)).all())
        )


def preview_of(recording: Recording) -> RunPreview:
    """Reduce a recording to a preview."""
    points = {tag: found for tag, found in recording.points.items() if len(found)}
    starts = (entry for entry in reversed(recording.entries) if isinstance(entry, RunStarted))
    return RunPreview(
        tuple(_reduced(tag, points[tag]) for tag in chief_tags(points)),
        _newest_samples(recording),
        next(starts, None),
        tuple(recording.left_out.sentences()),
    )


def chief_tags(points: Mapping[str, LoggedPoints]) -> list[str]:
    """Return the tags of a preview: those of JEM, then the scores of evaluations, then metrics with a known direction, then others."""
    ranks = {tag: at for at, tag in enumerate((ACCURACY, HELD_OUT, XE, TOTAL, NRG))}
    other = len(ranks)
    ordered = sorted(points, key=lambda tag: ranks.get(tag, other + (better_direction(tag) is None)))
    return ordered[:MOST_CURVES]


def sparkline_of(points: Mapping[str, LoggedPoints]) -> Sparkline:
    """Return the curve of the table: the accuracy of batches, else on validation images, else the first curve that has a direction or any."""
    found = [tag for tag, each in points.items() if len(each) > 1]
    for wanted in (
        ACCURACY,
        HELD_OUT,
        *(tag for tag in found if tag.endswith("/accuracy")),
        *_MAIN,
        *_by_direction(found),
    ):
        if wanted in found and (values := _means(points[wanted].in_order().value)) is not None:
            return Sparkline(wanted, values)
    return Sparkline()


def _by_direction(tags: Sequence[str]) -> list[str]:
    return sorted(tags, key=lambda tag: better_direction(tag) is None)


def _means(values: Floats) -> Floats | None:
    """Return the means of equal parts of the finite values; None with fewer than two."""
    finite = values[np.isfinite(values)].clip(-1e100, 1e100)
    if len(finite) < 2:
        return None
    return np.array([part.mean() for part in np.array_split(finite, min(SPARK_POINTS, len(finite)))])


def _reduced(tag: str, points: LoggedPoints) -> PreviewCurve:
    found, sparse = points.in_order(), _is_score(tag)
    rows = rows_with_extremes([found.value], MOST_POINTS)
    smooth = found.value if sparse else Smoother(SMOOTHING).extend(found.value)
    return PreviewCurve(tag, found.step[rows].astype(np.float64), found.value[rows], smooth[rows], sparse)


def _is_score(tag: str) -> bool:
    return tag.partition("/")[0] in ("validation", "test")


def _newest_samples(recording: Recording) -> Samples | None:
    """Return the newest samples or images that can be decoded."""
    for entry in reversed(recording.entries):
        if isinstance(entry, DeferredEvent) and issubclass(entry.kind, Samples):
            try:
                event = entry.load()
            except JemError:
                continue
            if isinstance(event, Samples) and len(event.tiles):
                return event
    return None
