"""What a session trains: the recipe for as many epochs as there is time for, and its classifier twin."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import packed_images
from carried_run import unpack
from timed_session import Session

RECIPE = ("--preset", "cifar")
SMALL = (
    *("--preset", "cifar-small", "-s", "network.widen=1", "-s", "train.batch_size=16", "-s", "buffer.size=64"),
    *("-s", "sgld.steps=2", "-s", "record.tiles=9", "-s", "buffer.explorers=16"),
)
QUIET = [word for name in ("samples", "evaluate", "checkpoint") for word in ("-s", f"record.{name}_every=1000000")]
TWIN = ("-s", "sgld.steps=0", "-s", "buffer.explorers=0", "-s", "buffer.size=256")
"""Settings that leave a recipe without chains."""
TRAIN = ("-m", "jem_tui", "train")
STARTING = 15
"""Seconds from the start of a training run to its first step, at most."""
SHARE = 0.93
"""Share of the remaining time that the epochs are planned for; evaluations and checkpoints take the rest."""


def train(session: Session) -> None:
    """Train the recipe for as many epochs as there is time for, or as were asked for; the rate falls to zero at their end."""
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
    epochs = session.asked.epochs or affordable_epochs(session, done)
    seconds = session.left() - session.asked.evaluation
    session.run("train.txt", [*TRAIN, "--no-ui", *words, "-s", f"train.epochs={epochs}"], seconds)


def affordable_epochs(session: Session, done: float) -> int:
    """Return the epochs that a run which has done `done` of them can reach in the remaining time."""
    speed = session.asked.images_per_second or probe(session)
    seconds = SHARE * (session.left() - session.asked.evaluation - STARTING)
    epochs = max(1, int(done + seconds * speed / images_in_epoch(session)))
    session.say(f"{speed:,.0f} images/s: {epochs} epochs of {images_in_epoch(session):,} images")
    return epochs


def train_twin(session: Session) -> None:
    """Train the classifier twin, which has the recipe's network, images and epochs and no chains, for `--epochs` epochs."""
    if session.asked.epochs and not session.asked.resume:
        shutil.rmtree(session.work / "twin", ignore_errors=True)
        words = [*recipe(session), *TWIN, "--run-dir", session.work / "twin"]
        words = [*TRAIN, "--no-ui", *words, "-s", f"train.epochs={session.asked.epochs}"]
        session.run("train-twin.txt", words, session.left() / 4)


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
    own = [word for setting in session.asked.set for word in ("-s", setting)]
    preset = SMALL if session.asked.small else RECIPE
    return [*preset, "--device", session.asked.device, *packed_images.data_words(session.images()), *own]


def images_in_epoch(session: Session) -> int:
    """Return the number of training images, less those that the recipe holds out."""
    (_, labels), _ = packed_images.load(str(session.images()))
    return int(0.95 * len(labels))


def is_object(line: str) -> bool:
    """Return whether a line of output is one of the JSON objects."""
    return line.startswith("{")
