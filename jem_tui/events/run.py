"""Events of a run: everything that a trainer or a replayer emits.

Events are copies: Python scalars and read-only arrays that any thread may keep. Neither numpy nor torch is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from jem_tui.errors import Reason
from jem_tui.events.event import Ability as Ability
from jem_tui.events.event import At as At
from jem_tui.events.event import Event as Event
from jem_tui.events.event import Wait as Wait
from jem_tui.events.rank_states import RankStates as RankStates
from jem_tui.events.real_images import RealImages as RealImages

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOTAL = "JEM/total"
NRG = "JEM/nrg"
XE = "JEM/xe"
ACCURACY = "JEM/accuracy"
MINUTES = "train/minutes"
X_HAT = "JEM/x_hat"

Happening = Literal["divergence", "rewind", "checkpoint", "reseed", "epoch", "evaluation", "adjust", "end"]
NoteKind = Happening | Literal["info", "warning", "outage", "recorded"]
ReportProgress = Callable[[str, float | None], None]
"""A function of what is being done and of the fraction that is done, None where it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading(Event):
    """Progress before a run exists, while the source is built. Never recorded."""

    text: str
    """The current activity, in a few words."""
    fraction: float | None = None
    """The completed share in [0, 1]; None where it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """The first event of a run, of a resumed run (`step` > 0) and of a jump in a replay. It resets the state of the run."""

    config: Mapping[str, Any]
    """All settings by section and name."""
    device: str
    """The device with its number of threads, or the name of the GPU."""
    seed: int
    """The seed of every random stream."""
    parameters: int
    """Weights of the network."""
    tile_shape: tuple[int, int, int]
    """Height, width and channels (1 or 3) of one sample."""
    class_names: tuple[str, ...]
    """Names of the classes, in the order of the logits."""
    total_steps: int
    """Optimizer steps after which the run ends; 0 if no number of steps ends it."""
    steps_per_epoch: int
    """Optimizer steps in one pass over the training images."""
    run_dir: str
    """The run folder."""
    activity: str = "training"
    """The activity of the source in one word for the status line: training, replaying."""
    dataset: Mapping[str, Any] = field(default_factory=dict)
    """The report on the data set; empty in recordings without a report."""
    abilities: frozenset[str] = frozenset()
    """Commands that the source accepts beyond pause, step and stop."""
    budget_seconds: float = 0.0
    """Seconds of training after which the run ends, without pauses; 0 if no time ends it."""
    knobs: Mapping[str, float] = field(default_factory=dict)
    """Settings that `Adjust` can change, with their values at this moment; empty in recordings without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone(Event):
    """One optimizer step."""

    epoch: int
    """Epochs completed before the step."""
    metrics: Mapping[str, float]
    """Metrics by tag, in the single precision of a TensorBoard scalar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Event):
    """Progress of the SGLD steps of one batch. The only event within an optimizer step; never recorded."""

    k: int
    """SGLD steps done."""
    of: int
    """SGLD steps of the batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving(Event):
    """A checkpoint is about to be written. The recorder flushes its log to the disk first. Never recorded."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples(Event):
    """Chains of the replay buffer. Row i is the same chain in every event of a run."""

    tiles: NDArray[np.uint8]
    """Shape (n, height, width, channels), [−1, 1] mapped to 0…255."""
    energy: NDArray[np.float32]
    """E(x̂) = −logsumexp_y f(x̂)[y], shape (n,)."""
    age: NDArray[np.int64]
    """SGLD steps since the chain's last restart, shape (n,)."""
    predicted: NDArray[np.int64]
    """The predicted class, shape (n,)."""
    confidence: NDArray[np.float32]
    """max_y p(y|x̂) of the predicted class, shape (n,)."""
    reseeds: NDArray[np.int64]
    """Restarts of the chain since the run began, shape (n,)."""
    requested: bool = False
    """True for samples that the screen requested, which are displayed, but not recorded."""
    __eq__ = object.__eq__
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Energies(Event):
    """Histograms of energies over common bins."""

    edges: NDArray[np.float64]
    """Shape (bins + 1,), ascending."""
    data: NDArray[np.int64]
    """Counts of E(x) of validation images, shape (bins,)."""
    samples: NDArray[np.int64]
    """Counts of E(x̂) of the replay buffer, shape (bins,)."""
    train: NDArray[np.int64] | None = None
    """Counts of E(x) of training images, shape (bins,); None in recordings without these counts."""
    __eq__ = object.__eq__
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated(Event):
    """Scores on images that the model was not trained on."""

    split: str
    """`validation` or `test`."""
    scores: Mapping[str, float]
    """Accuracy (a fraction), cross-entropy `xe` (nats) and expected calibration error `ece`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed(Event):
    """Calibration of p(y|x) and OOD detection by p(x) on a split."""

    split: str
    """The split of the in-distribution images."""
    confidence: tuple[float, ...]
    """Mean max_y p(y|x) in each bin of equal width, with a last bin for a confidence of exactly 1; 0 in an empty bin."""
    accuracy: tuple[float, ...]
    """Fraction of correctly classified images in each bin."""
    share: tuple[float, ...]
    """Fraction of all images that are in each bin."""
    auroc: Mapping[str, float]
    """AUROC of log p(x) for images of the split against each built-in set of other images, by the name of the set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted(Event):
    """The user changed a setting during the run."""

    name: str
    """The setting: an `Adjustable`, or a knob of a watched run."""
    old: float
    """The value for the next step before the change."""
    new: float
    """The value for the next step after the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Event):
    """A line for the notes pane, with a mark on every chart."""

    text: str
    kind: NoteKind = "info"
    """The subject of the note."""
    path: str = ""
    """The path of the checkpoint, for notes of kind `checkpoint`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverged(Event):
    """The watchdog found a divergence. The weights were not updated with the diverged step."""

    why: str
    """The sign of divergence, in a few words."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """The quantities that show the divergence, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewound(Event):
    """The run was rolled back to the good state of `step`. Later steps, metrics and images are void; notes stay valid."""

    from_step: int
    """The step at which the run was rolled back."""
    rate_factor: float
    """The factor on the configured learning rate after the rollback."""
    steps_factor: float
    """The factor on the configured number K of SGLD steps after the rollback."""
    reseeded: int
    """Chains that were restarted."""
    attempt: int
    """Rollbacks to this state so far, from 1 to `attempts`; 0 for a rollback that the user requested."""
    attempts: int
    """Rollbacks to one state after which the run ends as diverged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """The run is paused: no event of the source follows until `Resumed`, except those of single steps and commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The run continues after a pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedChanged(Event):
    """The pace of a replay changed. Never emitted by a training run."""

    speed: float
    """The multiple of the recorded pace."""
    as_recorded: bool = False
    """True if long gaps in the recording last as long as recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Event):
    """The last event of every run."""

    reason: Reason
    """The reason for the end; it determines the exit code."""
    error: str = ""
    """The error in one sentence for the user; empty without an error."""
    details: str = ""
    """The traceback of an unexpected error."""
