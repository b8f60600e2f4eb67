"""A foreign log as a run: its points as steps, and its images, histograms and texts between them.

Steps of foreign logs count anything (iterations, epochs, images). They become `images`, the x axis, and the steps are
renumbered.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE, Note, RunStarted, Samples
from jem_tui.stream.foreign.foreign_log import ForeignMedia
from jem_tui.stream.foreign.foreign_media import foreign_histogram, foreign_picture
from jem_tui.stream.foreign.foreign_steps import as_steps
from jem_tui.stream.log_data.entries import DeferredEvent, Entry, resolve
from jem_tui.stream.log_data.points import Ints, LoggedPoints
from jem_tui.stream.log_data.step_table import StepTable
from jem_tui.stream.tfevents.restored_fields import ENERGY_DATA_TAG, ENERGY_SAMPLES_TAG

_TRIED = 8
"""Maximum number of images to decode until one gives the shape of a tile."""
_DIFFERENCE = "/Δnrg"
_OTHER_NAMES = {
    "loss/total": TOTAL,
    "loss/Δnrg": NRG,
    "loss/xe": XE,
    "loss/+nrg": ENERGY_DATA_TAG,
    "loss/-nrg": ENERGY_SAMPLES_TAG,
    "auxiliary/accuracy": ACCURACY,
    "JEM/Δnrg": NRG,
    "JEM/+nrg": ENERGY_DATA_TAG,
    "JEM/-nrg": ENERGY_SAMPLES_TAG,
}
"""Tags of later versions of the original project, recognized by their Δ. Its energy is +logsumexp; + and − are the signs in the loss."""


def foreign_entries(logdir: Path, points: Mapping[str, LoggedPoints], media: ForeignMedia) -> list[Entry]:
    """Return `RunStarted`, then steps, images and texts in the order of their TensorBoard steps; nothing for an empty log."""
    steps = as_steps(_with_usual_names(points))
    axis = _steps_of(media) if steps is None else steps.images
    between = [*_notes(axis, media), *_pictures(axis, media)]
    entries = list(_between(steps, sorted(between, key=lambda entry: (entry.images, entry.step))))
    return [run_started(logdir, entries), *entries] if entries else []


def run_started(logdir: Path, entries: list[Entry]) -> RunStarted:
    """Make a `RunStarted` for a log that has none."""
    last_step = max(entry.step for entry in entries)
    places = (entry for entry in entries if isinstance(entry, DeferredEvent) and issubclass(entry.kind, Samples))
    pictures = resolve(islice(places, _TRIED))
    first = next((event for event in pictures if isinstance(event, Samples) and event.tiles.size), None)
    height, width, channels = first.tiles.shape[1:] if first else (28, 28, 1)
    return RunStarted(
        step=0,
        images=0,
        time=min(float(entry.times.min()) if isinstance(entry, StepTable) else entry.time for entry in entries),
        config={},
        device="unknown",
        seed=0,
        parameters=0,
        tile_shape=(height, width, channels),
        class_names=(),
        total_steps=last_step,
        steps_per_epoch=max(1, last_step),
        run_dir=str(logdir),
    )


def _notes(axis: Ints, media: ForeignMedia) -> Iterator[Entry]:
    for text in media.texts:
        yield Note(step=_ordinal(axis, text.step), images=text.step, time=_finite(text.time), text=text.text)
    for step, time in media.returns:
        why = f"the log returns to step {step:,} here; a restart replaces the earlier values from that step on"
        yield Note(step=_ordinal(axis, step - 1), images=step, time=_finite(time), text=why)


def _pictures(axis: Ints, media: ForeignMedia) -> Iterator[Entry]:
    for tag, places in media.pictures.items():
        for _, step, time, span in places:
            yield foreign_picture(tag, _ordinal(axis, step), step, _finite(time), span)
    for tag, places in sorted(media.histograms.items()):
        for _, step, time, span in places:
            yield foreign_histogram(tag, _ordinal(axis, step), step, _finite(time), span)


def _finite(time: float) -> float:
    return time if math.isfinite(time) else 0.0


def _steps_of(media: ForeignMedia) -> Ints:
    """Return all steps of a log without scalars, ascending."""
    places = [place.step for held in (media.pictures, media.histograms) for each in held.values() for place in each]
    return np.unique(np.array([*places, *(text.step for text in media.texts)], np.int64))


def _ordinal(axis: Ints, step: int) -> int:
    """Return how many rows there are up to a TensorBoard step."""
    return int(np.searchsorted(axis, step, side="right"))


def _between(steps: StepTable | None, others: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the steps, divided where other entries belong, each entry after the step of its number."""
    emitted = 0
    for entry in others:
        if steps is not None and entry.step > emitted:
            yield steps[emitted : entry.step]
            emitted = entry.step
        yield entry
    if steps is not None and emitted < len(steps):
        yield steps[emitted:]


def _with_usual_names(points: Mapping[str, LoggedPoints]) -> Mapping[str, LoggedPoints]:
    """Replace the tags of the original project's later versions by the tags of the panels."""
    if not any(tag.endswith(_DIFFERENCE) for tag in points):
        return points
    named: dict[str, LoggedPoints] = {}
    for tag, curve in points.items():
        usual = (tag.removesuffix(old) + new for old, new in _OTHER_NAMES.items() if f"/{tag}".endswith(f"/{old}"))
        name = next(usual, tag)
        named[tag if name in points or name in named else name] = curve
    return named
