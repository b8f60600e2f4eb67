"""Settings of a run: a frozen dataclass for each section, and for each field its meaning and range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jem_tui.config.data_sets import NAMES
from jem_tui.config.objective import ObjectiveConfig
from jem_tui.config.optimizer import OptimizerConfig
from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.config.setting import Arguments, plugin_setting, setting
from jem_tui.config.stability import StabilityConfig
from jem_tui.plugins.kinds import DATA, INITIAL, METRIC, NETWORK

NETWORKS = ("conv", "wrn", "toy", "simple", "resnet")
"""Networks that `network.name` accepts, apart from plug-ins."""
INITIAL_DISTRIBUTIONS = ("uniform", "informative", "mixture")
"""Distributions that `buffer.init` accepts, apart from plug-ins."""

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
ActivationName = Literal["silu", "leaky-relu"]
BufferPolicy = Literal["independent", "ring", "epoch"]


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Data set and augmentation."""

    name: str = plugin_setting(
        "mnist-mini",
        f"{', '.join(NAMES)}, a folder with one sub-folder for each class, or a plug-in: module:function or an installed name",
        DATA,
    )
    args: Arguments = setting(Arguments(), "keyword arguments of a plug-in's function, each set as data.args.NAME")
    dir: str = setting("", "folder of downloaded data sets; empty: the user's cache directory")
    size: int = setting(
        0, "side in pixels of the squares to which a folder's images are resized; 0: no resizing", 0, 512
    )
    background: Literal["white", "black", "gray"] = setting(
        "white", "colour behind transparent pixels of a folder's images: white, black, gray"
    )
    hold_out: str = setting(
        "", "classes that are left out of training, by name or number with commas between; empty: none"
    )
    validation: float = setting(0.1, "fraction of the training images held out for validation", 0.01, 0.5)
    noise_scale: float = setting(0.03, "standard deviation of the Gaussian noise on training images in [-1, 1]", 0, 1)
    translate: int = setting(
        1, "largest random translation of training images in JEM/xe, in pixels in each direction", 0, 16
    )
    flip: bool = setting(False, "mirror each training image in JEM/xe with probability 1/2")
    erase: int = setting(
        0,
        "side in pixels of the gray square that covers a random part of half of the training images in JEM/xe; 0: none",
        0,
        512,
    )
    plain_share: float = setting(
        1.0,
        "number of unmoved images for E(x) per chain of the batch, where translate, flip or erase is set; fewer save time",
        0.01,
        1,
    )


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """The classifier whose logits define the energy."""

    name: str = plugin_setting(
        "conv",
        "conv (for CPUs), wrn (wide residual network, as in the paper), the original's toy, simple, resnet, or a plug-in: module:class or an installed name",
        NETWORK,
        NETWORKS,
    )
    args: Arguments = setting(Arguments(), "keyword arguments of a plug-in, each set as network.args.NAME")
    width: int = setting(32, "channels of conv's first convolution", 4, 512)
    depth: int = setting(10, "number of layers of wrn: 10, 16, 22, 28, 34 or 40", 10, 40)
    widen: int = setting(2, "factor by which wrn widens its 16, 32 and 64 channels", 1, 20)
    activation: ActivationName = setting(
        "silu", "activation of wrn: silu, or leaky-relu (slope 0.2) as in the paper's code"
    )


@dataclass(frozen=True, kw_only=True)
class BufferConfig:
    """The replay buffer and the distribution that chains start from."""

    size: int = setting(4_000, "chains in the replay buffer", 16, 1_000_000)
    policy: BufferPolicy = setting(
        "independent",
        "selection of a batch's chains: independent (at random), ring (at random; results overwrite the oldest chains), epoch (shuffled, each chain once per pass)",
    )
    reinit_prob: float = setting(0.03, "probability that a chain restarts when it is drawn", 0, 1)
    init: str = plugin_setting(
        "informative",
        "distribution of new chains: uniform (noise), informative (class Gaussians of the training images), mixture (of both), or a plug-in: module:function or an installed name",
        INITIAL,
        INITIAL_DISTRIBUTIONS,
    )
    args: Arguments = setting(Arguments(), "keyword arguments of a plug-in, each set as buffer.args.NAME")
    uniform_share: float = setting(0.3, "share of restarts from uniform noise where init is mixture", 0, 1)
    noise_visits: int = setting(
        5, "batches beyond objective.hinge after which a chain restarts from a class Gaussian; 0: never", 0, 10_000
    )
    explorers: int = setting(
        800,
        "chains outside the buffer, which start from uniform noise and enter the buffer when their energy is near that of images; 0: none",
        0,
        1_000_000,
    )
    batch_share: float = setting(1.0, "number of chains per image of a batch, explorers included", 0.01, 1)
    explorer_share: float = setting(0.125, "share of a batch's chains that are explorers", 0, 0.9)
    promote: float = setting(
        2.0, "energy in nats above the images' mean energy below which an explorer enters the buffer", 0, 1e4
    )


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Length, device and seed of a run."""

    epochs: int = setting(
        20,
        "passes over the training images after which the run ends; 0: no limit, which is the default where train.minutes is set",
        0,
        1_000_000,
    )
    pretrain_epochs: int = setting(
        0, "number of initial epochs that train on JEM/xe alone, without sampling", 0, 1_000_000
    )
    max_steps: int = setting(
        0, "optimizer steps after which the run ends, regardless of epochs; 0: no limit", 0, 1_000_000_000
    )
    minutes: float = setting(
        0.0,
        "minutes after which the run ends, including evaluations and checkpoints and excluding pauses; 0: no limit",
        0,
        1e6,
    )
    batch_size: int = setting(64, "number of images in a batch; buffer.batch_share sets that of chains", 1, 65_536)
    seed: int = setting(0, "seed of every random number", 0, 2**63 - 1)
    device: DeviceName = setting("auto", "device that trains: auto, cpu, cuda, mps")
    precision: Literal["float32", "bfloat16"] = setting(
        "float32",
        "precision of the network in training and sampling: float32, or bfloat16 with energies and losses in float32",
    )
    compile: bool = setting(
        False,
        "compile the network, on a CPU for the SGLD steps only: faster, but compiling takes half a minute or more",
    )
    graph: Literal["auto", "on", "off"] = setting(
        "auto",
        "run steps on the device without waiting for the host, on CUDA as one graph for each step: auto (on CUDA, where the settings allow it), on, off",
    )
    read_every: int = setting(
        0, "steps between readings of the metrics where train.graph is in use; 0: thirty readings a second", 0, 256
    )
    threads: int = setting(0, "number of torch threads on the CPU; 0: one fewer than the cores, at most 8", 0, 256)


@dataclass(frozen=True, kw_only=True)
class RecordConfig:
    """Intervals of samples, evaluations and checkpoints, in optimizer steps."""

    samples_every: int = setting(50, "steps between recorded sample grids", 1, 1_000_000)
    evaluate_every: int = setting(200, "steps between evaluations on the validation images", 1, 1_000_000)
    checkpoint_every: int = setting(500, "steps between checkpoints", 1, 1_000_000)
    evaluate_images: int = setting(2000, "largest number of validation images in an evaluation", 1, 1_000_000)
    keep_checkpoints: int = setting(2, "number of newest checkpoints to keep", 1, 100_000)
    half_precision: bool = setting(
        False,
        "store chains and the optimizer's moments in half precision, which nearly halves the size of a checkpoint; "
        "a resumed run is then not bit-identical",
    )
    tiles: int = setting(100, "number of chains in a recorded sample grid", 1, 1024)
    metrics: str = plugin_setting(
        "",
        "plug-ins that compute further metrics of each step: module:function or installed names, with commas between",
        METRIC,
        (),
    )


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """All settings of one run."""

    preset: str = setting("fast", "preset that the settings are based on")
    data: DataConfig = DataConfig()
    network: NetworkConfig = NetworkConfig()
    sgld: SgldConfig = SgldConfig()
    buffer: BufferConfig = BufferConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    train: TrainConfig = TrainConfig()
    stability: StabilityConfig = StabilityConfig()
    record: RecordConfig = RecordConfig()
