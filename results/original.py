"""The five plots of the original project, drawn from runs with its sampler.

As in the original: chains from uniform noise, 20 SGLD steps of size 1 with noise 0.01 a batch, a ring buffer of 10,000, 5 % restarts.
Different from the original: the paper's signs (the original flips both), batches of 64 instead of 4, one epoch of the classifier alone instead
of three, samples that are not clamped, no batch normalisation, and the network `conv` (one SGLD step of the original's `simple` costs
nine times as much on a CPU, one of `resnet` eight times).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jem_tui.events.run import Event, RunStarted, Samples
from jem_tui.stream.replay.replayer import read_events
from results.drawing import draw_losses, draw_samples, loss_curves
from results.training import trained

COMMON = (
    *("--preset", "classic", "--device", "cpu", "-s", "buffer.policy=ring", "-s", "optimizer.warmup=100"),
    *("-s", "train.threads=1", "-s", "record.evaluate_every=211", "-s", "record.tiles=64"),
)
PRETRAIN = ("-s", "train.pretrain_epochs=1", "--max-steps", 2110, "-s", "record.samples_every=211")
RAW = ("--max-steps", 2400, "-s", "record.samples_every=200")
ZOOM_IMAGES = 25_000
"""The early part, in which the original's accuracy stayed below 70 %."""


@dataclass(frozen=True, kw_only=True)
class Phases:
    """Steps of a run before and after the energy term is added."""

    pretrain_steps: int
    steps_per_epoch: int


def make_original(data: Sequence[object], work: Path, target: Path) -> None:
    """Train both runs on `data` (words of `jem-tui train`) where they are missing, and draw the five pictures."""
    pretrain = trained(work / "pretrain", [*data, *COMMON, *PRETRAIN])
    raw = trained(work / "raw", [*data, *COMMON, *RAW])
    draw_pretrain(list(read_events(pretrain)), target)
    draw_raw(list(read_events(raw)), target)


def draw_pretrain(events: Sequence[Event], target: Path) -> None:
    """Draw the three figures of a run that was first only a classifier."""
    phases = phases_of(events)
    begin, half = phases.pretrain_steps + 1, phases.pretrain_steps + phases.steps_per_epoch // 2
    for name, step, what in (
        ("begin", begin, "at the beginning"),
        ("half-epoch", half, "after half an epoch"),
    ):
        samples = nearest_samples(events, step)
        seen = samples.images - phases.pretrain_steps * samples.images // max(1, samples.step)
        draw_samples(
            samples.tiles, f"x̂ {what}: {seen:,} images with the energy term", target / f"pretrain-xhat-{name}.png"
        )
    curves = loss_curves(events)
    start = curves.images[0] * phases.pretrain_steps
    draw_losses(curves, "A classifier continues as a JEM", target / "pretrain-loss.png", start)


def draw_raw(events: Sequence[Event], target: Path) -> None:
    """Draw the two figures of a run from scratch."""
    curves = loss_curves(events)
    draw_losses(curves, "A JEM from scratch", target / "raw-loss.png")
    early = curves.until(ZOOM_IMAGES)
    draw_losses(early, f"A JEM from scratch: the first {early.images[-1]:,.0f} images", target / "raw-loss-zoom.png")


def phases_of(events: Sequence[Event]) -> Phases:
    """Return the phases from the run's first event."""
    started = next(event for event in events if isinstance(event, RunStarted))
    epochs = int(started.config["train"]["pretrain_epochs"])
    return Phases(pretrain_steps=epochs * started.steps_per_epoch, steps_per_epoch=started.steps_per_epoch)


def nearest_samples(events: Sequence[Event], step: int) -> Samples:
    """Return the recorded chains nearest to an optimizer step."""
    return min((event for event in events if isinstance(event, Samples)), key=lambda event: abs(event.step - step))
