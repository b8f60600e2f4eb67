"""The program's vocabulary: what a source of events says, and (in `commands`) what it can be told.

Events are copies. They hold Python scalars and read-only numpy arrays that nothing else writes to, so any thread may keep
them. This module imports neither numpy nor torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from jem_tui.errors import Reason
from jem_tui.events.commands import Knob

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOTAL = "JEM/total"
NRG = "JEM/nrg"
XE = "JEM/xe"
ACCURACY = "JEM/accuracy"
X_HAT = "JEM/x_hat"

Happening = Literal["divergence", "rewind", "checkpoint", "reseed", "epoch", "evaluation", "adjust", "end"]
NoteKind = Happening | Literal["info", "warning", "outage", "recorded"]
Ability = Literal["reseed", "save", "seek", "speed", "adjust", "evaluate", "rollback", "pictures"]


class AtFields(TypedDict):
    """The keyword arguments that every event takes."""

    step: int
    images: int
    time: float


@dataclass(frozen=True, slots=True)
class At:
    """A moment of a run: optimizer steps, training images seen, and Unix seconds."""

    step: int
    images: int
    time: float

    def fields(self) -> AtFields:
        """Return keyword arguments for an event of this moment: `Paused(**at.fields())`."""
        return {"step": self.step, "images": self.images, "time": self.time}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, and when: in optimizer steps, in training images seen, and in Unix seconds."""

    step: int
    images: int
    time: float

    @property
    def at(self) -> At:
        """The moment of the event."""
        return At(self.step, self.images, self.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading(Event):
    """The source is being built; `fraction` in [0, 1] where it is known (a download). Never recorded."""

    text: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """The first event of every run, of every resumption (`step` > 0) and of every jump in a replay: forget what came before."""

    config: Mapping[str, Any]
    device: str
    seed: int
    parameters: int
    tile_shape: tuple[int, int, int]
    """Height, width and channels (1 or 3) of one sample."""
    class_names: tuple[str, ...]
    total_steps: int
    """Optimizer steps after which the source ends."""
    steps_per_epoch: int
    run_dir: str
    activity: str = "training"
    """What the source does, in one word for the status line: training, replaying."""
    dataset: Mapping[str, Any] = field(default_factory=dict)
    """The figures of the data set; empty in recordings that do not have them."""
    abilities: frozenset[str] = frozenset()
    """What can be asked of the source beyond pause, step and stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone(Event):
    """One optimizer step, by named metrics in single precision (a TensorBoard scalar keeps no more)."""

    epoch: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Event):
    """Inside a long chain: `k` of `of` SGLD steps of this batch are done. The one event in the middle of a step; never recorded."""

    k: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving(Event):
    """A checkpoint is about to be written: what was told so far belongs on the disk first. Never recorded."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples(Event):
    """Chains of the replay buffer; row i is the same chain in every event of a run. Compared by identity."""

    tiles: NDArray[np.uint8]
    """Shape (n, height, width, channels), [−1, 1] mapped to 0…255."""
    energy: NDArray[np.float32]
    """E(x̂) = −logsumexp_y f(x̂)[y], shape (n,)."""
    age: NDArray[np.int64]
    """SGLD steps since the chain's last restart, shape (n,)."""
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float32]
    """max_y p(y|x̂) of the predicted class, shape (n,)."""
    reseeds: NDArray[np.int64]
    """Restarts of the chain since the run began, shape (n,)."""
    requested: bool = False
    """Drawn for a `SampleNow` rather than on schedule; shown, not recorded."""
    __eq__ = object.__eq__
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Energies(Event):
    """Histograms of E(x) on held-out data and of E(x̂) in the buffer, over the same bins. Compared by identity."""

    edges: NDArray[np.float64]
    """Shape (bins + 1,), ascending."""
    data: NDArray[np.int64]
    samples: NDArray[np.int64]
    train: NDArray[np.int64] | None = None
    """The same of training images; None in recordings that do not have it."""
    __eq__ = object.__eq__
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated(Event):
    """Scores on a split the model was not trained on; accuracy is a fraction."""

    split: str
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed(Event):
    """Whether p(y|x) and p(x) can be believed on a split: the reliability diagram and the detection of other images."""

    split: str
    confidence: tuple[float, ...]
    """Mean max_y p(y|x) of the images in each bin of equal width, the last for a certainty of exactly 1; 0 where empty."""
    accuracy: tuple[float, ...]
    """The fraction of them that is classified correctly."""
    share: tuple[float, ...]
    """The fraction of all images in each bin."""
    auroc: Mapping[str, float]
    """Of log p(x), images of the split against each built-in set of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted(Event):
    """A setting was turned by the user: its value in the next step, before and after."""

    name: Knob
    old: float
    new: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Event):
    """A line for the log, and a mark on every chart."""

    text: str
    kind: NoteKind = "info"
    path: str = ""
    """The checkpoint, for kind "checkpoint"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverged(Event):
    """The watchdog tripped; the weights were not updated with what it saw."""

    why: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    """What it saw, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewound(Event):
    """The run went back to a good state, its `step`: steps, metrics and pictures after it are void, notes are not."""

    from_step: int
    rate_factor: float
    """The recipe's learning rate is multiplied by this from now on, its SGLD steps K by `steps_factor`."""
    steps_factor: float
    reseeded: int
    """Chains that were restarted."""
    attempt: int
    """From 1 to `attempts`, after which the run is given up; starts again once the run has got on."""
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """The source is not being pulled from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The source is being pulled again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedChanged(Event):
    """A replay now runs at `speed` times the recorded pace."""

    speed: float
    as_recorded: bool = False
    """Long gaps are waited for in full, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Event):
    """The last event of every run."""

    reason: Reason
    error: str = ""
    """One sentence for the user."""
    details: str = ""
    """The traceback of an unexpected error: for the run folder, not for the screen."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not an event: a source says that the next one is due in `seconds`, infinity: not before a command.

    Whoever pulls does the waiting.
    """

    seconds: float
