"""The steps of the tour: what a pane shows, and a key to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from jem_tui.tui.preferences.pane_layout import PaneName

Place = PaneName | Literal["header"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TourStep:
    """An explanation of a pane, and a task. Keys are written as `{name}`, with the name from the preferences."""

    title: str
    place: Place
    """The part of the screen to which the panel points."""
    text: str
    task: str
    keys: tuple[str, ...]
    """Names of the keys of which any does the task."""
    done: str
    """Sentence after the task."""


CURVES = TourStep(
    title="Curves",
    place="curves",
    text="Every curve is a measure of the run over time. accuracy: the share of images that the model classifies correctly. "
    "nrg: the energy of real images minus that of generated ones; near 0 is good. The bright line is smoothed.",
    task="Press {rougher} a few times: the line follows every step.",
    keys=("rougher", "smoother"),
    done="{smoother} smooths it again.",
)
CHAINS = TourStep(
    title="Chains",
    place="samples",
    text="Each image is a chain. It starts as a blur, a few as noise, and each step changes it towards what the model considers a digit. "
    "Below it are the class that the model predicts and its probability.",
    task="Press {classes} to group the chains by class.",
    keys=("classes",),
    done="{classes} again shows one grid.",
)
PAUSE = TourStep(
    title="Pause",
    place="header",
    text="A run can be paused at any time. It stops after a step, and nothing is lost.",
    task="Press {pause} to pause.",
    keys=("pause",),
    done="{pause} again resumes, {step} takes a single step.",
)
RESTART = TourStep(
    title="Restart chains",
    place="samples",
    text="In training, {reseed} restarts all chains from noise. A recording cannot be changed, but at its step 0 all chains have just "
    "started.",
    task="Press {start} to jump to step 0 and watch the digits form.",
    keys=("start",),
    done="Within 300 steps most chains are digits. If the replay is paused, press {pause}.",
)
"""The fourth step in a recording, which no key can change."""
RESTART_LIVE = replace(
    RESTART,
    text="Can the model still generate digits from noise? {reseed} restarts all chains, {reseed-worst} only the 16 with the highest energy. "
    "Training continues; the curves change for some hundred steps.",
    task="Press {reseed-worst} to restart the worst 16 chains.",
    keys=("reseed", "reseed-worst", "reseed-some"),
    done="The restarted chains become digits again within some hundred steps.",
)
"""The fourth step in training."""
ENERGY = TourStep(
    title="Energy",
    place="distributions",
    text="Energy is low where the model expects an image: training and validation images alike. AUROC tests other images "
    "(out of distribution, OOD): at 1.000, all have a higher energy than digits.",
    task="Press {pane-distributions} to show or hide the histograms.",
    keys=("pane-distributions",),
    done="They are measured every 200 steps; in the course of the run, the energies of samples approach those of images.",
)


ENERGY_SHOWN = replace(ENERGY, task="Compare the histograms: which images have the highest energies?", keys=())
"""The fifth step where the histograms are displayed already."""


def tour_steps(*, live: bool, with_histograms: bool) -> Sequence[TourStep]:
    """Return the steps of the tour for a run in training (`live`), or for a recording; `with_histograms` on the screen or without."""
    return (CURVES, CHAINS, PAUSE, RESTART_LIVE if live else RESTART, ENERGY_SHOWN if with_histograms else ENERGY)
