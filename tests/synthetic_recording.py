"""The events of a synthetic run with known losses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jem_tui.config.load import as_mapping
from jem_tui.config.schema import RunConfig
from jem_tui.events.run import NRG, TOTAL, XE, Event, Note, RunStarted, Samples, StepDone

PER_EPOCH, BATCH = 40, 16


def recording(steps: int = 120, pretrain_epochs: int = 1) -> Iterator[Event]:
    """Yield the events of a synthetic run with known losses, and grids of tiles whose brightness is their step."""
    config = as_mapping(RunConfig())
    config["train"]["pretrain_epochs"] = pretrain_epochs
    yield RunStarted(
        step=0,
        images=0,
        time=0.0,
        config=config,
        tile_shape=(8, 8, 3),
        run_dir="/home/user/run",
        class_names=("a", "b"),
        parameters=1,
        total_steps=steps,
        steps_per_epoch=PER_EPOCH,
        device="cpu",
        seed=0,
    )
    for step in range(1, steps + 1):
        nrg = float(np.sin(step)) if step > pretrain_epochs * PER_EPOCH else 0.0
        losses = {TOTAL: nrg + 100 / step, NRG: nrg, XE: 100 / step}
        epoch = (step - 1) // PER_EPOCH
        yield StepDone(step=step, images=step * BATCH, time=float(step), epoch=epoch, metrics=losses)
        if step % 10 == 1:
            yield grid(step)
    yield Note(step=steps, images=0, time=0.0, text="checkpoint saved", kind="checkpoint", path="/home/user/run/x.pt")


def grid(step: int) -> Samples:
    """Return four chains whose tiles (4, 8, 8, 3) have the brightness `step`."""
    flat, whole = np.zeros(4, np.float32), np.zeros(4, np.int64)
    return Samples(
        step=step,
        images=step * BATCH,
        time=float(step),
        tiles=np.full((4, 8, 8, 3), step, np.uint8),
        energy=flat,
        age=whole,
        predicted=whole,
        confidence=flat,
        reseeds=whole,
    )
