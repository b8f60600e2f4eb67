"""Settings of a run: a frozen dataclass for each section, and for each field its meaning and range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

InitialDistribution = Literal["uniform", "informative", "mixture"]
DeviceName = Literal["auto", "cpu", "cuda", "mps"]
ActivationName = Literal["silu", "leaky-relu"]
BufferPolicy = Literal["independent", "ring", "epoch"]
OnDivergence = Literal["rollback", "stop", "ignore"]


def setting(default: Any, doc: str, low: float | None = None, high: float | None = None) -> Any:
    """Return a dataclass field with its documentation and, for numbers, its closed range."""
    return field(default=default, metadata={"doc": doc, "low": low, "high": high})


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Data set and augmentation."""

    name: str = setting(
        "mnist-mini", "mnist-mini, mnist, fashion-mnist, kmnist, cifar10, svhn, or a folder of class folders"
    )
    dir: str = setting("", "where downloads are kept; empty: the user's cache directory")
    size: int = setting(
        0, "resize the images of a folder to squares of this many pixels; 0: all have one size already", 0, 512
    )
    background: Literal["white", "black", "gray"] = setting(
        "white", "background of transparent pixels of a folder's images: white, black, gray"
    )
    validation: float = setting(0.1, "fraction of the training images held out for validation", 0.01, 0.5)
    noise_scale: float = setting(0.03, "standard deviation of the Gaussian noise on training images in [-1, 1]", 0, 1)
    translate: int = setting(
        0, "random translation of training images in JEM/xe, at most this many pixels each way", 0, 16
    )
    flip: bool = setting(False, "mirror every second training image in JEM/xe, at random")


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """The classifier whose logits define the energy."""

    name: Literal["conv", "wrn", "toy", "simple", "resnet"] = setting(
        "conv", "conv (for CPUs), wrn (wide residual, as in the paper), or the original's toy, simple, resnet"
    )
    width: int = setting(32, "channels of conv's first convolution", 4, 512)
    depth: int = setting(10, "layers of wrn: 10, 16, 22, 28, 34 or 40", 10, 40)
    widen: int = setting(2, "wrn's factor on 16, 32 and 64 channels", 1, 20)
    activation: ActivationName = setting("silu", "of wrn: silu, or leaky-relu with slope 0.2 as in the paper's code")


@dataclass(frozen=True, kw_only=True)
class SgldConfig:
    """The Langevin sampler: x ← clip(x − step_size · clamp(∇E(x)) + noise_scale · ε)."""

    steps: int = setting(5, "SGLD steps of each chain in a batch, K; 0: no chains, a classifier alone", 0, 10_000)
    steps_growth: float = setting(0.0, "SGLD steps added after each epoch", 0, 1000)
    max_steps: int = setting(100, "where the growth ends", 1, 10_000)
    step_size: float = setting(0.4, "step size α on ∇E(x)", 0, 1e4)
    noise_scale: float = setting(0.005, "standard deviation σ of the noise of a step", 0, 10)
    conditional: bool = setting(
        False, "each chain keeps a class y and follows −f(x)[y], for samples of p(x|y), instead of −logsumexp_y f(x)[y]"
    )
    grad_clamp: float = setting(1.0, "clamp of each component of ∇E(x) to ±this; 0: none", 0, 1e6)
    clip: bool = setting(True, "keep samples inside [-1, 1]")


@dataclass(frozen=True, kw_only=True)
class BufferConfig:
    """The replay buffer and the distribution that chains start from."""

    size: int = setting(4_000, "chains in the replay buffer", 16, 1_000_000)
    policy: BufferPolicy = setting(
        "independent",
        "which chains a batch continues: independent (drawn at random), ring (at random, results overwrite the oldest), epoch (each once a pass, shuffled)",
    )
    reinit_prob: float = setting(0.03, "probability that a chain restarts when it is drawn", 0, 1)
    init: InitialDistribution = setting(
        "informative", "uniform (noise), informative (class Gaussians of the training images), mixture (of both)"
    )
    uniform_share: float = setting(0.3, "share of uniform noise among the restarts of a mixture", 0, 1)
    noise_visits: int = setting(
        5, "batches with an energy beyond hinge after which a chain restarts from a class Gaussian; 0: never", 0, 10_000
    )
    explorers: int = setting(
        800,
        "chains outside the buffer that start from uniform noise and enter the buffer once their energy is near that of images; 0: none",
        0,
        1_000_000,
    )
    explorer_share: float = setting(0.125, "share of a batch's chains that are explorers", 0, 0.9)
    promote: float = setting(
        2.0, "an explorer this near (nats above the images' mean energy) enters the buffer", 0, 1e4
    )


@dataclass(frozen=True, kw_only=True)
class ObjectiveConfig:
    """Terms of the loss beyond JEM/xe + JEM/nrg."""

    energy_l2: float = setting(0.005, "weight of mean(E²) over images and samples", 0, 10)
    hinge: float = setting(
        10.0, "chains further than this (nats) above the data's mean energy enter JEM/nrg at that bound; 0: off", 0, 1e4
    )
    adversarial: float = setting(
        0.2, "largest L∞ radius of adversarial images that are classified too, pixels in [0, 1]; 0: none", 0, 1
    )
    adversarial_share: float = setting(0.5, "adversarial images per image of the batch", 0.01, 1)


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """Adam, its schedule, and the weight average that evaluation uses."""

    rate: float = setting(1.5e-3, "learning rate", 0, 1000)
    beta1: float = setting(0.0, "Adam's decay of the gradient average", 0, 0.9999)
    beta2: float = setting(0.999, "Adam's decay of the squared gradient average", 0, 0.999999)
    warmup: int = setting(200, "steps of linear warm-up", 0, 1_000_000)
    decay: Literal["none", "linear", "cosine"] = setting(
        "linear", "decay of the rate towards zero over all epochs: none, linear, cosine"
    )
    ema: float = setting(
        0.99, "decay of the exponential moving average of the weights used for evaluation; 0: off", 0, 0.99999
    )


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Length, device and seed of the training."""

    epochs: int = setting(20, "passes over the training images", 1, 1_000_000)
    pretrain_epochs: int = setting(0, "epochs before the others on JEM/xe alone, without sampling", 0, 1_000_000)
    max_steps: int = setting(
        0, "optimizer steps after which the run ends, regardless of epochs; 0: no limit", 0, 1_000_000_000
    )
    batch_size: int = setting(64, "images, and chains, in a batch", 1, 65_536)
    seed: int = setting(0, "seed of every random number", 0, 2**63 - 1)
    device: DeviceName = setting("auto", "auto, cpu, cuda, mps")
    precision: Literal["float32", "bfloat16"] = setting(
        "float32",
        "of the network while it trains and samples: float32, or bfloat16 with energies and losses in float32",
    )
    compile: bool = setting(False, "compile the network for the SGLD steps: faster, after half a minute or more")
    graph: Literal["auto", "on", "off"] = setting(
        "auto",
        "let the device take steps by itself, on CUDA as one graph each: auto (on CUDA, where the settings allow it), on, off",
    )
    read_every: int = setting(
        0, "steps between two readings of the device while it steps by itself; 0: thirty readings a second", 0, 256
    )
    threads: int = setting(0, "torch threads on the CPU; 0: one less than the cores, at most 8", 0, 256)


@dataclass(frozen=True, kw_only=True)
class StabilityConfig:
    """Rules of the watchdog, and the reaction to a divergence."""

    on_divergence: OnDivergence = setting(
        "rollback",
        "rollback (to the last good snapshot, with a lower rate and more SGLD steps), stop, ignore (skip updates that are not finite and continue)",
    )
    snapshot_every: int = setting(
        200,
        "steps between snapshots in memory and health checks; a snapshot is good if no divergence is found before the next",
        1,
        1_000_000,
    )
    tries: int = setting(3, "rollbacks to one snapshot before the run ends", 0, 100)
    rate_cut: float = setting(0.5, "factor on the learning rate with each rollback", 0.01, 1)
    steps_factor: float = setting(1.5, "factor on K with each rollback, up to 4 K in all", 1, 4)
    nrg_limit: float = setting(
        50.0, "diverged where the median of |JEM/nrg| over 10 steps is beyond this; 0: never", 0, 1e8
    )
    energy_limit: float = setting(
        1e3, "diverged where the mean energy of images or samples is beyond ±this; 0: never", 0, 1e8
    )
    xe_factor: float = setting(
        3.0,
        "diverged where the median of JEM/xe over 20 steps is beyond this times that of the 200 before; 0: never",
        0,
        100,
    )
    xe_floor: float = setting(0.7, "smallest JEM/xe (nats) that counts as divergence", 0, 100)
    accuracy_drop: float = setting(
        0.2, "diverged where the validation accuracy falls by this fraction below its best; 1: never", 0, 1
    )
    class_entropy: float = setting(
        0.6,
        "diverged where the entropy of the chains' classes (1: all alike) falls below this after 0.8 had been reached; 0: never",
        0,
        0.8,
    )
    saturation: float = setting(
        0.9,
        "diverged beyond this share of saturated pixels, of the way from the images' own share to all; 1: never",
        0,
        1,
    )
    variety: float = setting(
        0.05,
        "diverged where the variance between chains falls below this fraction of that between images; 0: never",
        0,
        1,
    )


@dataclass(frozen=True, kw_only=True)
class RecordConfig:
    """Intervals of samples, evaluations and checkpoints, in optimizer steps."""

    samples_every: int = setting(50, "steps between recorded sample grids", 1, 1_000_000)
    evaluate_every: int = setting(200, "steps between evaluations on the validation images", 1, 1_000_000)
    checkpoint_every: int = setting(500, "steps between checkpoints", 1, 1_000_000)
    evaluate_images: int = setting(2000, "upper bound of the validation images in an evaluation", 1, 1_000_000)
    keep_checkpoints: int = setting(2, "number of newest checkpoints to keep", 1, 100_000)
    tiles: int = setting(100, "chains in a sample grid", 1, 1024)


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """All settings of one run."""

    preset: str = setting("fast", "the preset that the settings started from")
    data: DataConfig = DataConfig()
    network: NetworkConfig = NetworkConfig()
    sgld: SgldConfig = SgldConfig()
    buffer: BufferConfig = BufferConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    train: TrainConfig = TrainConfig()
    stability: StabilityConfig = StabilityConfig()
    record: RecordConfig = RecordConfig()
