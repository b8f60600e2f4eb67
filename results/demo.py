"""A recorded run of limited size: thinned curves, a few sample grids, and the model in one file."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from jem_tui.cli.run_inputs import opened_settings
from jem_tui.errors import JemError
from jem_tui.events.run import Energies, Event, Note, RunStarted, Samples, StepDone
from jem_tui.jem.data.image_set import to_tensors
from jem_tui.jem.saved_run.load_run import OpenedRun, open_run
from jem_tui.jem.saved_run.model_file import MODEL_FILE, Model, save_model
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.runs.run_dir import read_run_file, write_run_file
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import EventFileWriter

MOST_BYTES = 2_000_000
STEPS, GRIDS, HISTOGRAMS, TILES = 1200, 40, 40, 36
"""Numbers of events to keep, by kind, and of tiles in a grid."""
CHAINS = (2000, 1000, 500, 200)
"""Numbers of chains in the model, tried in this order until the demo fits."""


def make_demo(run_dir: Path, target: Path, data_dir: str = "") -> None:
    """Copy a run to `target`, which is replaced, in at most `MOST_BYTES`. Raises JemError if it does not fit."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    copy_run_file(run_dir, target)
    copy_events(run_dir, target)
    config, device = opened_settings(run_dir, data_dir, "cpu")
    opened = open_run(config, run_dir, device, lambda text, fraction: None)
    for chains in CHAINS:
        publish(opened, target, chains)
        if size(target) <= MOST_BYTES:
            return
    raise JemError(f"{target} takes {size(target):,} bytes.", f"The limit is {MOST_BYTES:,}: use a smaller network.")


def publish(opened: OpenedRun, target: Path, chains: int) -> None:
    """Write the model with `chains` chains of the run, drawn at random."""
    order = torch.randperm(len(opened.chains), generator=torch.Generator().manual_seed(0))
    pixels, _ = to_tensors(opened.data.test, opened.device)
    model = Model(step=opened.step, network=opened.network, chains=opened.chains[order])
    save_model(target / MODEL_FILE, model, opened.config.network, pixels, chains)


def copy_run_file(run_dir: Path, target: Path) -> None:
    """Copy run.json without paths of the machine."""
    run = read_run_file(run_dir)
    words = ["jem-tui", *run.argv[1:]]
    for flag in ("--run-dir", "--data-dir"):
        if flag in words:
            del words[words.index(flag) : words.index(flag) + 2]
    write_run_file(target, replace(run, argv=tuple(words), config=without_paths(run.config)))


def copy_events(run_dir: Path, target: Path) -> None:
    """Write the thinned recording as one event file."""
    writer = EventFileWriter(target, now=lambda: read_run_file(run_dir).started)
    for event in thinned(list(read_events(run_dir))):
        writer.append(codec.encode(event))
    writer.close()
    writer.path.replace(target / "events.out.tfevents.demo")


def thinned(events: Sequence[Event]) -> Iterator[Event]:
    """Yield the events to keep in their order; steps, grids and histograms denser early, everything else complete."""
    kept = {
        id(event)
        for kind, most in ((StepDone, STEPS), (Samples, GRIDS), (Energies, HISTOGRAMS))
        for event in spread([event for event in events if isinstance(event, kind)], most)
    }
    kept |= {id(step) for step in with_rare_metrics([event for event in events if isinstance(event, StepDone)])}
    for event in events:
        match event:
            case StepDone() | Energies():
                if id(event) in kept:
                    yield event
            case Samples():
                if id(event) in kept:
                    yield first_tiles(event)
            case RunStarted():
                yield replace(event, config=without_paths(event.config), run_dir="")
            case Note(kind="checkpoint"):
                pass
            case _:
                yield event


def with_rare_metrics(steps: Sequence[StepDone]) -> list[StepDone]:
    """Return the steps with a metric that fewer than one in ten steps have, such as the diagnostics of the sampler."""
    counts = Counter(name for step in steps for name in step.metrics)
    return [step for step in steps if any(counts[name] < len(steps) / 10 for name in step.metrics)]


def spread(events: Sequence[Event], most: int) -> list[Event]:
    """Return at most `most` events, the first and the last included, twice as dense at the start as in the middle."""
    if len(events) <= most:
        return list(events)
    places = {round((len(events) - 1) * (i / (most - 1)) ** 1.5) for i in range(most)}
    return [events[place] for place in sorted(places)]


def first_tiles(samples: Samples) -> Samples:
    """Return the first `TILES` chains."""
    names = ("tiles", "energy", "age", "predicted", "confidence", "reseeds")
    return replace(samples, **{name: getattr(samples, name)[:TILES] for name in names})


def without_paths(config: Any) -> dict[str, Any]:
    """Return settings with the default folder of the data."""
    return {**config, "data": {**config["data"], "dir": ""}}


def size(folder: Path) -> int:
    """Return the size of all files below a folder, in bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
