"""The steps of the tour: what a pane shows, and a key to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from jem_tui.tui.preferences.pane_layout import PaneName

Place = PaneName | Literal["header", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class TourStep:
    """An explanation of a pane, and a task. Keys are written as `{name}`, with the name from the preferences."""

    title: str
    place: Place
    """The part of the screen to which the panel points; empty for none."""
    text: str
    task: str
    keys: tuple[str, ...]
    """Names of the keys of which any does the task."""
    done: str
    """Sentence after the task."""
    starts: Literal["", "playing", "evaluated"] = ""
    """State that the run is brought into before the step: not paused, or a recording with an evaluation."""


SUBJECT = "You watch {subject} that learns to recognize and generate images. Energy is low for images that it expects. "
GRAY = " Gray: the rest of the run."
CURVES = TourStep(
    title="Curves",
    place="curves",
    text="nrg: energy of images minus samples, ideally near 0. total: xe (classes) + nrg; lower is not better. "
    "Bright: average.",
    task="Press {rougher} a few times: the line follows every step.",
    keys=("rougher", "smoother"),
    done="{smoother} smooths it again.",
)
"""The first step without the sentences about the subject and the rest of a recording."""
ONE_CURVE = replace(
    CURVES,
    text="JEM/total is its loss, xe + nrg; lower is not better. {next-pane}, then {panel-after}, shows other curves. Bright: average.",
)
"""The first step where only the first panel has room."""
CHAINS = TourStep(
    title="Chains",
    place="samples",
    text="Each image is a chain. It starts as a blur or as noise, and each step changes it towards what the model considers a digit. "
    "Below it are the class that the model predicts and its probability.",
    task="Press {classes} to sort the chains by class.",
    keys=("classes",),
    done="{classes} again restores their order.",
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
    text="In training, {reseed} restarts all chains. A recording cannot be changed, but at its step 0 all chains have just started, and "
    "the model cannot distinguish classes.",
    task="Press {start} to jump to step 0 and watch the probabilities.",
    keys=("start",),
    done="They rise as the model learns; in the demo, most exceed 50 % by step 300.",
    starts="playing",
)
"""The fourth step in a recording, which no key can change."""
RESTART_LIVE = replace(
    RESTART,
    text="Can the model generate digits from new starts? {reseed} restarts all chains, {reseed-worst} only the 16 with the highest energy. "
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
    task="Press {pane-distributions} to display the histograms.",
    keys=("pane-distributions",),
    done="They are measured every 200 steps; in the course of the run, the energies of samples approach those of images.",
    starts="evaluated",
)
ENERGY_SHOWN = replace(
    ENERGY, task="Compare samples with training images: in a good run, their energies overlap in the end.", keys=()
)
"""The fifth step where the histograms are displayed already."""
CLOSING = TourStep(
    title="The tour is complete",
    place="",
    text="Next: {draw} lets you draw an image, and displays its class and its energy. {help} explains every key and symbol. {tour} starts "
    "the tour again. Curves and panes are as before the tour.",
    task="",
    keys=(),
    done="",
)
"""The page after the last step."""
CLOSING_RECORDING = replace(
    CLOSING,
    text="Next: {draw} lets you draw an image, and displays its class and its energy. Then train a model: in a run of jem-tui train, {tour} "
    "takes the tour again, with chains that you can restart. {help} explains every key and symbol.",
)
"""The page after the last step in a recording."""


def tour_steps(*, live: bool, with_histograms: bool, one_panel: bool = False) -> Sequence[TourStep]:
    """Return the steps of the tour for a run in training (`live`), or for a recording.

    The panes on the screen determine their words: `with_histograms` or without, and `one_panel` of curves or several.
    """
    curves = ONE_CURVE if one_panel else CURVES
    subject = SUBJECT.replace("{subject}", "a network" if live else "a recording of a network")
    curves = replace(curves, text=subject + curves.text + ("" if live else GRAY))
    return (curves, CHAINS, PAUSE, RESTART_LIVE if live else RESTART, ENERGY_SHOWN if with_histograms else ENERGY)
