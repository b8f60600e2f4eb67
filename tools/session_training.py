"""Training runs of a session: short trials of variants, the recipe for as many epochs as there is time for, and its classifier twin."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import packed_images
from carried_run import unpack
from timed_session import Session

from jem_tui.events.run import Diverged, Evaluated, StepDone
from jem_tui.stream.replay.replayer import read_events

RECIPE = ("--preset", "cifar")
SMALL = (
    *("--preset", "cifar-small", "-s", "network.widen=1", "-s", "train.batch_size=16", "-s", "buffer.size=64"),
    *("-s", "sgld.steps=2", "-s", "record.tiles=9", "-s", "buffer.explorers=16"),
)
QUIET = [word for name in ("samples", "evaluate", "checkpoint") for word in ("-s", f"record.{name}_every=1000000")]
TWIN = ("-s", "sgld.steps=0", "-s", "buffer.explorers=0", "-s", "buffer.size=256")
"""Settings that leave a recipe without chains."""
OFTEN = ("-s", "record.evaluate_every=100")
"""Settings by which the last evaluation of a trial is close to its end."""
TRAIN = ("-m", "jem_tui", "train")
STARTING = 15
"""Seconds from the start of a training run to its first step, at most."""
SHARE = 0.93
"""Share of the remaining time that the epochs are planned for; evaluations and checkpoints take the rest."""


def train(session: Session) -> None:
    """Train the recipe for the requested epochs, or as many as time permits; the rate falls to zero at their end."""
    if session.asked.resume:
        run_dir = unpack(Path(session.asked.resume), session.work)
        run = json.loads((run_dir / "run.json").read_text())
        done = run["step"] * run["config"]["train"]["batch_size"] / images_in_epoch(session)
        session.say(f"continuing after {done:.1f} epochs")
        words = ["--resume", str(run_dir), *packed_images.data_words(session.images())]
    else:
        run_dir, done = session.work / "run", 0.0
        shutil.rmtree(run_dir, ignore_errors=True)
        words = [*recipe(session), "--run-dir", str(run_dir)]
    session.epochs = session.asked.epochs or affordable_epochs(session, done)
    words = [*TRAIN, "--no-ui", *words, "-s", f"train.epochs={session.epochs}"]
    session.run("train.txt", words, time_for_training(session))


def time_for_training(session: Session) -> float:
    """Return the seconds that are left for the training run."""
    return session.left() - float(session.asked.evaluation + session.asked.twin)


def affordable_epochs(session: Session, done: float) -> int:
    """Return the epochs that a run which has done `done` of them can reach in the remaining time."""
    speed = session.asked.images_per_second or probe(session)
    seconds = SHARE * (time_for_training(session) - STARTING)
    epochs = max(1, int(done + seconds * speed / images_in_epoch(session)))
    session.say(f"{speed:,.0f} images/s: {epochs} epochs of {images_in_epoch(session):,} images")
    return epochs


def train_twin(session: Session) -> None:
    """Train the classifier twin, with the recipe's network, images and epochs but without chains, in the time reserved for it."""
    if session.asked.twin and session.epochs:
        shutil.rmtree(session.work / "twin", ignore_errors=True)
        words = [*recipe(session), *TWIN, "--run-dir", session.work / "twin"]
        words = [*TRAIN, "--no-ui", *words, "-s", f"train.epochs={session.epochs}"]
        session.run("train-twin.txt", words, session.left() - session.asked.evaluation)


def try_variants(session: Session) -> None:
    """Train every variant for a few epochs; the one with the best validation accuracy that has not diverged becomes the recipe."""
    if session.asked.resume:
        return
    found: dict[str, Trial] = {}
    for number, variant in enumerate(session.asked.variant):
        folder = session.work / f"trial-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        length = ["-s", f"train.epochs={session.asked.trial_epochs}", "--run-dir", folder]
        words = [*TRAIN, "--no-ui", *recipe(session), *setting_words(variant.split()), *OFTEN, *length]
        session.run(f"trial-{number}.txt", words, time_for_training(session) / 4)
        trial = found[variant] = trial_of(folder)
        session.say(f"variant {number}, {variant or 'the recipe'}: {trial}")
    if found:
        best = max(found, key=lambda variant: found[variant].rank)
        session.say(f"the recipe is that of the variant {best or 'without changes'}")
        session.asked.set += best.split()
        session.asked.images_per_second = found[best].speed


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The figures of a short training run."""

    accuracy: float
    """Accuracy on the validation images in the last evaluation."""
    divergences: int
    speed: float
    """Images a second in the second half of the run, with evaluations."""

    @property
    def rank(self) -> tuple[int, float]:
        """Sort key: fewest divergences first, then the accuracy."""
        return -self.divergences, self.accuracy

    def __str__(self) -> str:
        return (
            f"{self.accuracy:.1%} of the validation images, {self.divergences} divergences, {self.speed:,.0f} images/s"
        )


def trial_of(folder: Path) -> Trial:
    """Return the figures of a recorded run."""
    events = list(read_events(folder))
    steps = [event for event in events if isinstance(event, StepDone)]
    scores = [
        event.scores["accuracy"] for event in events if isinstance(event, Evaluated) and event.split == "validation"
    ]
    first, last = steps[len(steps) // 2], steps[-1]
    return Trial(
        accuracy=scores[-1] if scores else 0.0,
        divergences=sum(isinstance(event, Diverged) for event in events),
        speed=(last.images - first.images) / (last.time - first.time),
    )


def probe(session: Session) -> float:
    """Measure the images a second of the recipe, once it runs; its K is that of the first epoch."""
    folder = session.work / "probe"
    shutil.rmtree(folder, ignore_errors=True)
    count = 6 if session.asked.small else 120
    words = [*TRAIN, "--json", *recipe(session), *QUIET, "--max-steps", count, "-s", "train.epochs=1000"]
    session.run("probe.jsonl", [*words, "--run-dir", folder], 60)
    lines = (session.work / "probe.jsonl").read_text().splitlines()
    steps = [event for event in map(json.loads, filter(is_object, lines)) if event.get("event") == "StepDone"]
    first, last = steps[len(steps) // 2], steps[-1]
    return float((last["images"] - first["images"]) / (last["time"] - first["time"]))


def recipe(session: Session) -> list[str]:
    """Return the words of `jem-tui train` for a new run."""
    preset = SMALL if session.asked.small else RECIPE
    data = packed_images.data_words(session.images())
    return [*preset, "--device", session.asked.device, *data, *setting_words(session.asked.set)]


def setting_words(settings: Sequence[str]) -> list[str]:
    """Return the words of the command line for settings SECTION.KEY=VALUE."""
    return [word for setting in settings for word in ("-s", setting)]


def images_in_epoch(session: Session) -> int:
    """Return the number of training images, less those that the recipe holds out."""
    (_, labels), _ = packed_images.load(str(session.images()))
    return int(0.95 * len(labels))


def is_object(line: str) -> bool:
    """Return whether a line of output is one of the JSON objects."""
    return line.startswith("{")
